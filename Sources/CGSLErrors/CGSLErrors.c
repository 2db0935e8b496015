#include "CGSLErrors.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>

// One text a thread, in one object file: a header would give every importer a copy.
static _Thread_local char reason_text[256];
static _Thread_local int has_reason;

static void keep(const char *reason, const char *file, int line, int code) {
  (void)file;
  (void)line;
  snprintf(reason_text, sizeof reason_text, "%s [%s]", reason, gsl_strerror(code));
  has_reason = 1;
}

void cgsl_errors_install(void) { gsl_set_error_handler(keep); }

void cgsl_errors_clear(void) { has_reason = 0; }

const char *cgsl_errors_reason(void) { return has_reason ? reason_text : NULL; }
