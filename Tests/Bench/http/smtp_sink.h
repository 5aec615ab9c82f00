#ifndef BENCH_SMTP_SINK_H
#define BENCH_SMTP_SINK_H

// Called with every mail, before it is answered: recipient as in RCPT, and its code.
typedef void smtp_taken(const char *recipient, const char *code);

// Takes mails on a loopback port: plain SMTP, any number of mails a connection, pipelined or not.
void smtp_sink_start(int listener, smtp_taken *taken);

#endif
