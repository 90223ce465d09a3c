/* Between JavaScript's values and the library's. */
#include <stdlib.h>
#include <string.h>

#include "addon.h"

/* Fills `count` places; what the caller left out is undefined. */
bool arguments(napi_env env, napi_callback_info info, size_t count, napi_value *out)
{
    return napi_get_cb_info(env, info, &count, out, NULL, NULL) == napi_ok;
}

bool is_nothing(napi_env env, napi_value value)
{
    napi_valuetype type;
    return napi_typeof(env, value, &type) != napi_ok || type == napi_undefined;
}

/* UTF-8 tells every character apart, where a Latin-1 reading narrows those above U+00FF to a byte
 * of another. undefined is NULL, which leaves an option out. false with an exception where it is no string. */
bool text_read(napi_env env, napi_value value, struct text *out)
{
    out->ptr = NULL;
    out->len = 0;
    if (is_nothing(env, value)) return true;
    if (napi_get_value_string_utf8(env, value, NULL, 0, &out->len) != napi_ok) {
        misused(env, "a string was expected");
        return false;
    }
    out->ptr = malloc(out->len + 1);
    if (out->ptr == NULL) {
        misused(env, "out of memory");
        return false;
    }
    napi_get_value_string_utf8(env, value, out->ptr, out->len + 1, &out->len);
    return true;
}

void wipe(void *memory, size_t length)
{
    volatile unsigned char *byte = memory;
    while (length-- > 0) *byte++ = 0;
}

/* Configurations and tokens pass through here. */
void text_free(struct text *text)
{
    if (text->ptr == NULL) return;
    wipe(text->ptr, text->len);
    free(text->ptr);
    text->ptr = NULL;
    text->len = 0;
}

bearerd_str text_borrow(const struct text *text)
{
    return (bearerd_str){text->ptr, text->len};
}

napi_value string(napi_env env, bearerd_str text)
{
    napi_value value = NULL;
    napi_create_string_utf8(env, text.len == 0 ? "" : text.ptr, text.len, &value);
    return value;
}

napi_value number(napi_env env, double value)
{
    napi_value result = NULL;
    napi_create_double(env, value, &result);
    return result;
}

napi_value refused(napi_env env, bearerd_code code)
{
    napi_value result = NULL;
    napi_create_int32(env, -(int32_t)code, &result);
    return result;
}

napi_value done(napi_env env, bearerd_code code)
{
    return refused(env, code);
}

napi_value owned_text(napi_env env, bearerd_code code, bearerd_text *text)
{
    if (code != BEARERD_OK) return refused(env, code);
    napi_value value = string(env, bearerd_text_borrow(text));
    bearerd_text_free(text);
    return value;
}

/* lib/ checks what users pass, so this is a defect of ours. */
napi_value misused(napi_env env, const char *what)
{
    bool pending = false;
    napi_is_exception_pending(env, &pending);
    if (!pending) napi_throw_type_error(env, "BEARERD_ADDON", what);
    return NULL;
}

void put(napi_env env, napi_value object, const char *name, napi_value value)
{
    if (value != NULL) napi_set_named_property(env, object, name, value);
}

/* The tag keeps one kind of handle from being read as another. */
bool wrap(napi_env env, napi_value object, void *data, napi_finalize finalize, const napi_type_tag *tag)
{
    return napi_type_tag_object(env, object, tag) == napi_ok && napi_wrap(env, object, data, finalize, NULL, NULL) == napi_ok;
}

void *unwrap(napi_env env, napi_value object, const napi_type_tag *tag)
{
    bool ours = false;
    void *data = NULL;
    if (napi_check_object_type_tag(env, object, tag, &ours) == napi_ok && ours && napi_unwrap(env, object, &data) == napi_ok)
        return data;
    misused(env, "a handle of another kind");
    return NULL;
}
