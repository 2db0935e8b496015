// Keeps GSL from ending the process: its own error handler calls abort().
#ifndef CGSL_ERRORS_H
#define CGSL_ERRORS_H

/// Takes GSL's errors from now on, in all threads. Calling it again changes nothing.
void cgsl_errors_install(void);

/// Forgets this thread's last error.
void cgsl_errors_clear(void);

/// The reason of this thread's last error, or NULL. Valid until the next error of this thread.
const char *cgsl_errors_reason(void);

#endif
