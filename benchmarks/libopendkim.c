/* Verifies one message again and again with libopendkim, its key from memory; prints CPU seconds per message.
   usage: libopendkim MESSAGE KEYRECORD SECONDS   (message with CRLF line ends)
   Public domain names stand in no file: whatever key is asked for, KEYRECORD is the answer. */
#include <opendkim/dkim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *record;

static DKIM_STAT lookup(DKIM *dkim, DKIM_SIGINFO *sig, unsigned char *buf, size_t size)
{
	(void)dkim;
	(void)sig;
	strncpy((char *)buf, record, size);
	return DKIM_STAT_OK;
}

static char *slurp(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *data;
	if (file == NULL)
		exit(66);
	fseek(file, 0, SEEK_END);
	*size = (size_t)ftell(file);
	rewind(file);
	data = malloc(*size + 1);
	if (fread(data, 1, *size, file) != *size)
		exit(66);
	data[*size] = '\0';
	fclose(file);
	return data;
}

static int verify(DKIM_LIB *lib, char *message, size_t size)
{
	DKIM_STAT status;
	DKIM *dkim = dkim_verify(lib, (const unsigned char *)"job", NULL, &status);
	if (dkim == NULL)
		exit(70);
	status = dkim_chunk(dkim, (unsigned char *)message, size);
	if (status == DKIM_STAT_OK)
		status = dkim_chunk(dkim, NULL, 0);
	if (status == DKIM_STAT_OK)
		status = dkim_eom(dkim, NULL);
	dkim_free(dkim);
	return status == DKIM_STAT_OK;
}

int main(int count, char **arguments)
{
	size_t size, ignored;
	long calls = 0;
	double spent;
	char *message;
	DKIM_LIB *lib;
	clock_t start;

	if (count != 4)
		return 64;
	message = slurp(arguments[1], &size);
	record = slurp(arguments[2], &ignored);
	lib = dkim_init(NULL, NULL);
	dkim_set_key_lookup(lib, lookup);
	start = clock();
	do {
		if (!verify(lib, message, size))
			return 1;
		calls++;
		spent = (double)(clock() - start) / CLOCKS_PER_SEC;
	} while (spent < atof(arguments[3]));
	printf("%.9f\n", spent / (double)calls);
	return 0;
}
