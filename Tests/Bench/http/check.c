// Checks what reads mails and answers; run before every benchmark.

#include <stdio.h>
#include <string.h>

#include "json.h"
#include "mail_code.h"

static int failures;

static void expect(const char *what, const char *found, const char *wanted) {
    if (strcmp(found, wanted) == 0) return;
    fprintf(stderr, "check: %s: \"%s\" instead of \"%s\"\n", what, found, wanted);
    failures++;
}

static void expect_code(const char *what, const char *mail, const char *wanted) {
    char code[CODE_DIGITS + 1] = "";
    expect(what, mail_code(mail, code) ? code : "none", wanted);
}

static void expect_member(const char *object, const char *name, const char *wanted) {
    char value[8];
    expect(object, json_string(object, name, value, sizeof value) ? value : "none", wanted);
}

#define PLAIN "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
#define TWO                                                                                        \
    "Content-Type: multipart/alternative;\r\n boundary=\"a=_b\"\r\n\r\n    11111111\r\n--a=_b\r\n"

static void check_mails(void) {
    expect_code("plain", PLAIN "Your code:\r\n\r\n    12345678\r\n\r\nIt is\r\n", "12345678");
    expect_code("by a space", PLAIN "    1234 5678\r\n", "12345678");
    expect_code("by a dash", PLAIN "\t1234-5678\r\n", "12345678");
    expect_code("bare line ends", "Subject: x\n\n    12345678\n", "12345678");
    expect_code("no type", "Subject: x\r\n\r\n    12345678\r\n", "12345678");
    expect_code("not indented", PLAIN "12345678\r\n", "none");
    expect_code("not alone", PLAIN "    12345678 or so\r\n", "none");
    expect_code("a date", PLAIN "    2026-11-21 10:15\r\n    12345678\r\n", "12345678");
    expect_code("seven", PLAIN "    1234567\r\n", "none");
    expect_code("nine", PLAIN "    123456789\r\n", "none");
    expect_code("a dash too many", PLAIN "    1234--5678\r\n", "none");
    expect_code("a dash at the end", PLAIN "    12345678-\r\n", "none");
    expect_code("in a header", "X-A: b\r\n    12345678\r\n\r\nnothing\r\n", "none");
    expect_code("two parts",
                TWO "Content-Type: text/plain; charset=utf-8\r\n\r\n    12345678\r\n--a=_b\r\n"
                    "Content-Type: text/html\r\n\r\n    22222222\r\n--a=_b--\r\n",
                "12345678");
    expect_code("HTML first",
                TWO "Content-Type: text/html\r\n\r\n    22222222\r\n--a=_b\r\n"
                    "content-type:text/plain\r\n\r\n    12345678\r\n--a=_b--\r\n",
                "12345678");
    expect_code("HTML only", TWO "Content-Type: text/html\r\n\r\n    22222222\r\n--a=_b--\r\n",
                "none");
}

static void check_answers(void) {
    expect_member("{\"a\":\"b\"}", "a", "b");
    expect_member(" { \"n\" : 1 , \"t\":true, \"a\" : \"b\" }", "a", "b");
    expect_member("{\"x\":\"a\",\"a\":\"b\"}", "a", "b");
    expect_member("{\"a\":\"\\/b\"}", "a", "/b");
    expect_member("{\"a\":\"too long for it\",\"c\":\"d\"}", "a", "none");
    expect_member("{\"a\":\"too long for it\",\"c\":\"d\"}", "c", "d");
    expect_member("{\"a\":\"\"}", "a", "none");
    expect_member("{\"a\":\"b", "a", "none");
    expect_member("{}", "a", "none");
    expect_member("{\"o\":{\"a\":\"b\",\"n\":1},\"e\":{},\"c\":\"d\"}", "a", "b");
    expect_member("{\"o\":{\"a\":\"b\",\"n\":1},\"e\":{},\"c\":\"d\"}", "c", "d");
    expect_member("{ \"e\" : { } , \"o\" : { \"a\" : \"b\" } }", "a", "b");
    expect_member("", "a", "none");
}

int main(void) {
    check_mails();
    check_answers();
    return failures > 0;
}
