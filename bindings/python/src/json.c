#include "json.h"

#include <stdlib.h>
#include <string.h>

#include "claims.h"

/* The library allows 64; the bound is for the C stack alone. */
#define DEEPEST 200

typedef struct reader {
    State *state;
    const char *at;
    const char *end;
    int frozen;
    int depth;
} Reader;

static PyObject *value(Reader *);

static PyObject *broken(void) {
    PyErr_SetString(PyExc_RuntimeError, "bearerd: the library handed out what is not JSON");
    return NULL;
}

static void blanks(Reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t')) r->at++;
}

static int take(Reader *r, char wanted) {
    if (r->at == r->end || *r->at != wanted) return 0;
    r->at++;
    return 1;
}

static int hex4(const char *text, unsigned *out) {
    unsigned number = 0;
    for (int i = 0; i < 4; i++) {
        char c = text[i];
        unsigned digit;
        if (c >= '0' && c <= '9') digit = (unsigned)(c - '0');
        else if (c >= 'a' && c <= 'f') digit = (unsigned)(c - 'a') + 10;
        else if (c >= 'A' && c <= 'F') digit = (unsigned)(c - 'A') + 10;
        else return -1;
        number = number << 4 | digit;
    }
    *out = number;
    return 0;
}

static char *put_utf8(char *to, unsigned scalar) {
    if (scalar < 0x80) {
        *to++ = (char)scalar;
    } else if (scalar < 0x800) {
        *to++ = (char)(0xC0 | scalar >> 6);
        *to++ = (char)(0x80 | (scalar & 0x3F));
    } else if (scalar < 0x10000) {
        *to++ = (char)(0xE0 | scalar >> 12);
        *to++ = (char)(0x80 | (scalar >> 6 & 0x3F));
        *to++ = (char)(0x80 | (scalar & 0x3F));
    } else {
        *to++ = (char)(0xF0 | scalar >> 18);
        *to++ = (char)(0x80 | (scalar >> 12 & 0x3F));
        *to++ = (char)(0x80 | (scalar >> 6 & 0x3F));
        *to++ = (char)(0x80 | (scalar & 0x3F));
    }
    return to;
}

/* What follows a backslash; NULL where it is no escape. Never longer than what it replaces. */
static char *unescape_one(const char **from, const char *end, char *to) {
    const char *at = *from;
    if (at == end) return NULL;
    char c = *at++;
    switch (c) {
    case '"': case '\\': case '/': *to++ = c; break;
    case 'b': *to++ = '\b'; break;
    case 'f': *to++ = '\f'; break;
    case 'n': *to++ = '\n'; break;
    case 'r': *to++ = '\r'; break;
    case 't': *to++ = '\t'; break;
    case 'u': {
        unsigned unit, low;
        if (end - at < 4 || hex4(at, &unit) < 0) return NULL;
        at += 4;
        if (unit >= 0xD800 && unit < 0xDC00) {
            if (end - at < 6 || at[0] != '\\' || at[1] != 'u' || hex4(at + 2, &low) < 0) return NULL;
            if (low < 0xDC00 || low > 0xDFFF) return NULL;
            at += 6;
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        } else if (unit >= 0xDC00 && unit < 0xE000) {
            return NULL;
        }
        to = put_utf8(to, unit);
        break;
    }
    default: return NULL;
    }
    *from = at;
    return to;
}

static PyObject *escaped(const char *from, size_t len) {
    const char *end = from + len;
    char *buffer = malloc(len);
    if (buffer == NULL) return PyErr_NoMemory();
    char *to = buffer;
    while (from < end) {
        if (*from != '\\') {
            *to++ = *from++;
            continue;
        }
        from++;
        to = unescape_one(&from, end, to);
        if (to == NULL) {
            free(buffer);
            return broken();
        }
    }
    PyObject *text = PyUnicode_DecodeUTF8(buffer, to - buffer, "strict");
    free(buffer);
    return text;
}

/* The inside of a string whose opening quote is taken, and whether it holds escapes. */
static int inside(Reader *r, const char **text, size_t *len, int *escapes) {
    const char *start = r->at;
    const char *at = start;
    *escapes = 0;
    while (at < r->end && *at != '"') {
        if (*at == '\\') {
            *escapes = 1;
            at++;
            if (at == r->end) return -1;
        }
        at++;
    }
    if (at >= r->end) return -1;
    *text = start;
    *len = (size_t)(at - start);
    r->at = at + 1;
    return 0;
}

static PyObject *string(Reader *r) {
    const char *text;
    size_t len;
    int escapes;
    if (inside(r, &text, &len, &escapes) < 0) return broken();
    return escapes ? escaped(text, len) : PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "strict");
}

/* A member's name: the str of last time, where it is one of few. */
static PyObject *key(Reader *r) {
    const char *text;
    size_t len;
    int escapes;
    if (inside(r, &text, &len, &escapes) < 0) return broken();
    if (escapes) return escaped(text, len);
    if (len > 24) return PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "strict");
    unsigned hash = 2166136261u;
    for (size_t i = 0; i < len; i++) hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    PyObject **place = &r->state->keys[(hash ^ hash >> 16) % KEPT_KEYS];
    if (*place != NULL) {
        Py_ssize_t kept_len;
        const char *kept = PyUnicode_AsUTF8AndSize(*place, &kept_len);
        if (kept == NULL) return NULL;
        if ((size_t)kept_len == len && memcmp(kept, text, len) == 0) return Py_NewRef(*place);
    }
    PyObject *name = PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "strict");
    if (name == NULL) return NULL;
    PyObject *old = *place;
    *place = Py_NewRef(name);
    Py_XDECREF(old);
    return name;
}

static PyObject *number(Reader *r) {
    const char *start = r->at;
    int whole = 1;
    for (; r->at < r->end; r->at++) {
        char c = *r->at;
        if (c == '.' || c == 'e' || c == 'E') whole = 0;
        else if (!((c >= '0' && c <= '9') || c == '-' || c == '+')) break;
    }
    size_t len = (size_t)(r->at - start);
    if (len == 0) return broken();
    if (whole && len <= 18) {
        int negative = *start == '-';
        long long sum = 0;
        for (const char *at = start + negative; at < r->at; at++) {
            if (*at < '0' || *at > '9') return broken();
            sum = sum * 10 + (*at - '0');
        }
        return PyLong_FromLongLong(negative ? -sum : sum);
    }
    /* Python's readers want a NUL behind. */
    char *text = malloc(len + 1);
    if (text == NULL) return PyErr_NoMemory();
    memcpy(text, start, len);
    text[len] = '\0';
    PyObject *result;
    if (whole) {
        result = PyLong_FromString(text, NULL, 10);
    } else {
        double real = PyOS_string_to_double(text, NULL, NULL);
        result = real == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(real);
    }
    free(text);
    return result;
}

static PyObject *word(Reader *r, const char *wanted, PyObject *meaning) {
    size_t len = strlen(wanted);
    if ((size_t)(r->end - r->at) < len || memcmp(r->at, wanted, len) != 0) return broken();
    r->at += len;
    return Py_NewRef(meaning);
}

static PyObject *members(Reader *r) {
    PyObject *dict = PyDict_New();
    if (dict == NULL) return NULL;
    blanks(r);
    if (take(r, '}')) return dict;
    for (;;) {
        blanks(r);
        PyObject *name = take(r, '"') ? key(r) : broken();
        if (name == NULL) break;
        blanks(r);
        PyObject *item = take(r, ':') ? value(r) : broken();
        int failed = item == NULL || PyDict_SetItem(dict, name, item) < 0;
        Py_DECREF(name);
        Py_XDECREF(item);
        if (failed) break;
        blanks(r);
        if (take(r, '}')) return dict;
        if (!take(r, ',')) {
            broken();
            break;
        }
    }
    Py_DECREF(dict);
    return NULL;
}

static PyObject *object(Reader *r) {
    PyObject *dict = members(r);
    if (dict == NULL || !r->frozen) return dict;
    PyObject *claims = claims_new(r->state, dict);
    Py_DECREF(dict);
    return claims;
}

static PyObject *array(Reader *r) {
    PyObject *list = PyList_New(0);
    if (list == NULL) return NULL;
    blanks(r);
    int done = take(r, ']');
    while (!done) {
        PyObject *item = value(r);
        int failed = item == NULL || PyList_Append(list, item) < 0;
        Py_XDECREF(item);
        if (failed) {
            Py_DECREF(list);
            return NULL;
        }
        blanks(r);
        done = take(r, ']');
        if (!done && !take(r, ',')) {
            Py_DECREF(list);
            return broken();
        }
    }
    if (!r->frozen) return list;
    PyObject *tuple = PyList_AsTuple(list);
    Py_DECREF(list);
    return tuple;
}

static PyObject *value(Reader *r) {
    blanks(r);
    if (r->at == r->end || r->depth == DEEPEST) return broken();
    PyObject *result;
    r->depth++;
    switch (*r->at) {
    case '"': r->at++; result = string(r); break;
    case '{': r->at++; result = object(r); break;
    case '[': r->at++; result = array(r); break;
    case 't': result = word(r, "true", Py_True); break;
    case 'f': result = word(r, "false", Py_False); break;
    case 'n': result = word(r, "null", Py_None); break;
    default: result = number(r); break;
    }
    r->depth--;
    return result;
}

PyObject *json_parse(State *state, const char *text, size_t len, int frozen) {
    Reader r = {state, text, text + len, frozen, 0};
    PyObject *result = value(&r);
    if (result == NULL) return NULL;
    blanks(&r);
    if (r.at != r.end) {
        Py_DECREF(result);
        return broken();
    }
    return result;
}

PyObject *json_encode(const State *state, PyObject *object) {
    if (state->encode == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "bearerd was unloaded");
        return NULL;
    }
    return PyObject_CallFunctionObjArgs(state->encode, object, NULL);
}

int json_init(State *state) {
    PyObject *module = PyImport_ImportModule("bearerd._json");
    if (module == NULL) return -1;
    state->encode = PyObject_GetAttrString(module, "encode");
    Py_DECREF(module);
    return state->encode == NULL ? -1 : 0;
}
