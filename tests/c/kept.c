#include "kept.h"

#include "check.h"

#include <string.h>
#include <time.h>

/* Texts may hold a NUL: their lengths count. */
static json_t *around(const json_t *before, const json_t *text, const json_t *after) {
    const json_t *parts[] = {before, text, after};
    size_t length = 0;
    for (int part = 0; part < 3; part++) length += json_string_length(parts[part]);
    char *whole = malloc(length + 1), *end = whole;
    if (whole == NULL) die("malloc", "no memory");
    for (int part = 0; part < 3; part++) {
        size_t more = json_string_length(parts[part]);
        if (more > 0) memcpy(end, json_string_value(parts[part]), more);
        end += more;
    }
    json_t *joined = json_stringn(whole, length);
    free(whole);
    return joined;
}

static json_t *kept_text(const json_t *given, const json_t *kept) {
    const char *name = json_string_value(json_object_get(given, "$"));
    const json_t *text = name ? json_object_get(kept, name) : NULL;
    /* What refused to be kept was reported then; the case goes on. */
    if (text == NULL) return json_string("was not kept");
    return around(json_object_get(given, "before"), text, json_object_get(given, "after"));
}

static bool is_ahead(const json_t *got, json_int_t most) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return json_is_integer(got) && json_integer_value(got) > now.tv_sec && json_integer_value(got) - now.tv_sec <= most;
}

json_t *filled(const json_t *given, const json_t *kept, const json_t *got) {
    if (json_is_object(given)) {
        if (json_object_get(given, "$") != NULL) return kept_text(given, kept);
        const json_t *ahead = json_object_get(given, "$ahead");
        if (ahead != NULL && is_ahead(got, json_integer_value(ahead))) return json_deep_copy(got);
        json_t *copy = json_object();
        for (void *at = json_object_iter((json_t *)given); at; at = json_object_iter_next((json_t *)given, at)) {
            const char *name = json_object_iter_key(at);
            json_object_set_new(copy, name, filled(json_object_iter_value(at), kept, json_object_get(got, name)));
        }
        return copy;
    }
    if (json_is_array(given)) {
        json_t *copy = json_array();
        for (size_t at = 0; at < json_array_size(given); at++)
            json_array_append_new(copy, filled(json_array_get(given, at), kept, json_array_get(got, at)));
        return copy;
    }
    return json_deep_copy(given);
}
