/* libopendkim as a function for benchmarks/dkim.py: verifies a message with a key record held in memory.
   cc -O2 -shared -fPIC -o libopendkim.so libopendkim.c -lopendkim */
#include <opendkim/dkim.h>
#include <string.h>

static DKIM_LIB *lib;
static const char *key_record;

static DKIM_STAT lookup(DKIM *dkim, DKIM_SIGINFO *signature, unsigned char *buffer, size_t size)
{
	(void)dkim;
	(void)signature;
	strncpy((char *)buffer, key_record, size);
	return DKIM_STAT_OK;
}

/* 1 if the message, with CRLF line ends, has a signature that verifies with this record. */
int verify(const char *message, size_t size, const char *record)
{
	DKIM_STAT status;
	DKIM *dkim;

	if (lib == NULL) {
		lib = dkim_init(NULL, NULL);
		dkim_set_key_lookup(lib, lookup);
	}
	key_record = record;
	dkim = dkim_verify(lib, (const unsigned char *)"job", NULL, &status);
	if (dkim == NULL)
		return 0;
	status = dkim_chunk(dkim, (unsigned char *)message, size);
	if (status == DKIM_STAT_OK)
		status = dkim_chunk(dkim, NULL, 0);
	if (status == DKIM_STAT_OK)
		status = dkim_eom(dkim, NULL);
	dkim_free(dkim);
	return status == DKIM_STAT_OK;
}
