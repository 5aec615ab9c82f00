/* Header-only target: SwiftPM wants one source file. */
#include "doorpost_wire.h"
