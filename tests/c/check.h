/* What a test program needs: checks that name the line, and tests that name themselves. */
#ifndef CHECK_H
#define CHECK_H

#include <bearerd.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each says what was expected and what came, and whether it held. Any thread may check. */
bool check_that(bool held, const char *what, const char *file, int line);
bool check_code(bearerd_code got, bearerd_code wanted, const char *what, const char *file, int line);
bool check_int(long long got, long long wanted, const char *what, const char *file, int line);
bool check_text(bearerd_str got, const char *wanted, const char *what, const char *file, int line);

#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)
#define CHECK_CODE(wanted, call) check_code((call), BEARERD_##wanted, #call, __FILE__, __LINE__)
#define CHECK_INT(wanted, value) check_int((long long)(value), (long long)(wanted), #value, __FILE__, __LINE__)
#define CHECK_TEXT(wanted, text) check_text((text), (wanted), #text, __FILE__, __LINE__)

/* Runs a test and prints how it went. */
void test(const char *name, void (*body)(void));
#define TEST(body) test(#body, body)

/* How many checks have failed in this process. */
int failures(void);

/* What main returns. */
int verdict(void);

/* For what is no test, but what tests stand on. */
_Noreturn void die(const char *what, const char *why);

#endif
