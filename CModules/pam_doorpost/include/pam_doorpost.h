/* The six pam_sm_* functions are all there is; SwiftPM asks for a header. */
#pragma once
#include <security/pam_modules.h>
