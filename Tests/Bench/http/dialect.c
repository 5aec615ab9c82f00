#include "dialect.h"

#include <inttypes.h>
#include <stdio.h>

static void doorpost_initiate(char *json, size_t size, uint32_t user) {
    snprintf(json, size, "{\"email\":\"user%" PRIu32 "@bench.example\"}", user);
}

static void doorpost_verify(char *json, size_t size, uint32_t user, const char *session,
                            const char *code) {
    (void)user;
    snprintf(json, size, "{\"session\":\"%s\",\"otp\":\"%s\"}", session, code);
}

const struct dialect dialect_doorpost = {
    .initiate_path = "/auth/initiate", .verify_path = "/auth/verify",
    .initiate = doorpost_initiate, .verify = doorpost_verify,
    .has_session = true, .credential = "refresh_token"};

#define SCHEME "\"scheme_type\":\"email\",\"scheme_name\":\"mail\""

static void glewlwyd_initiate(char *json, size_t size, uint32_t user) {
    snprintf(json, size, "{\"username\":\"user%" PRIu32 "\"," SCHEME ",\"value\":{}}", user);
}

static void glewlwyd_verify(char *json, size_t size, uint32_t user, const char *session,
                            const char *code) {
    (void)session;
    snprintf(json, size,
             "{\"username\":\"user%" PRIu32 "\"," SCHEME ",\"value\":{\"code\":\"%s\"}}", user,
             code);
}

const struct dialect dialect_glewlwyd = {
    .initiate_path = "/api/auth/scheme/trigger", .verify_path = "/api/auth",
    .initiate = glewlwyd_initiate, .verify = glewlwyd_verify};
