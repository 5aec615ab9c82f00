#include "dialect.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "clock.h"
#include "fatal.h"

#define JSON_TYPE "Content-Type: application/json\r\n"

static void __attribute__((format(printf, 3, 4)))
write_text(char *text, size_t size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, size, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= size) fatal("a request is too long");
}

#define WRITE(member, ...) write_text(member, sizeof(member), __VA_ARGS__)

static void doorpost_initiate(struct request *request, uint32_t user) {
    request->path = "/auth/initiate";
    WRITE(request->headers, JSON_TYPE);
    WRITE(request->json, "{\"email\":\"user%" PRIu32 "@bench.example\"}", user);
}

static void doorpost_verify(struct request *request, uint32_t user, const char *session,
                            const char *code) {
    (void)user;
    request->path = "/auth/verify";
    WRITE(request->headers, JSON_TYPE);
    WRITE(request->json, "{\"session\":\"%s\",\"otp\":\"%s\"}", session, code);
}

static void doorpost_refresh(struct request *request, const char *token) {
    request->path = "/auth/refresh";
    WRITE(request->headers, JSON_TYPE);
    WRITE(request->json, "{\"refresh_token\":\"%s\"}", token);
}

const struct dialect dialect_doorpost = {
    .initiate = doorpost_initiate, .verify = doorpost_verify, .refresh = doorpost_refresh,
    .session = "session", .credential = "refresh_token"};

static const char *cognito_client;

// As an SDK names an operation, and each request of it by a UUID.
static void cognito_operation(struct request *request, const char *name) {
    uint64_t moment = (uint64_t)clock_now();
    request->path = "/";
    WRITE(request->headers,
          "Content-Type: application/x-amz-json-1.1\r\n"
          "X-Amz-Target: AWSCognitoIdentityProviderService.%s\r\n"
          "amz-sdk-invocation-id: 00000000-0000-4000-8%03" PRIx64 "-%012" PRIx64 "\r\n",
          name, moment >> 48 & 0xfff, moment & 0xffffffffffff);
}

static void cognito_initiate(struct request *request, uint32_t user) {
    cognito_operation(request, "InitiateAuth");
    WRITE(request->json,
          "{\"AuthFlow\":\"CUSTOM_AUTH\",\"ClientId\":\"%s\","
          "\"AuthParameters\":{\"USERNAME\":\"user%" PRIu32 "@bench.example\"}}",
          cognito_client, user);
}

static void cognito_verify(struct request *request, uint32_t user, const char *session,
                           const char *code) {
    cognito_operation(request, "RespondToAuthChallenge");
    WRITE(request->json,
          "{\"ClientId\":\"%s\",\"ChallengeName\":\"CUSTOM_CHALLENGE\",\"Session\":\"%s\","
          "\"ChallengeResponses\":{\"USERNAME\":\"user%" PRIu32
          "@bench.example\",\"ANSWER\":\"%s\"}}",
          cognito_client, session, user, code);
}

const struct dialect *dialect_cognito(const char *client) {
    static const struct dialect dialect = {
        .initiate = cognito_initiate, .verify = cognito_verify, .session = "Session",
        .credential = "RefreshToken"};
    cognito_client = client;
    return &dialect;
}

#define SCHEME "\"scheme_type\":\"email\",\"scheme_name\":\"mail\""

static void glewlwyd_initiate(struct request *request, uint32_t user) {
    request->path = "/api/auth/scheme/trigger";
    WRITE(request->headers, JSON_TYPE);
    WRITE(request->json, "{\"username\":\"user%" PRIu32 "\"," SCHEME ",\"value\":{}}", user);
}

static void glewlwyd_verify(struct request *request, uint32_t user, const char *session,
                            const char *code) {
    (void)session;
    request->path = "/api/auth";
    WRITE(request->headers, JSON_TYPE);
    WRITE(request->json,
          "{\"username\":\"user%" PRIu32 "\"," SCHEME ",\"value\":{\"code\":\"%s\"}}", user, code);
}

const struct dialect dialect_glewlwyd = {
    .initiate = glewlwyd_initiate, .verify = glewlwyd_verify};
