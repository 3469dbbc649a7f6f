#ifndef EMULATED_H
#define EMULATED_H

#include "azure.h"
#include "http.h"

#include <jansson.h>
#include <sys/types.h>

/*
 * A running azure-emulator of its own, in a folder of its own, and a client that speaks to it through the real libcurl port.
 * The program's path is in the environment variable AZURE_EMULATOR.
 */

struct emulated {
	char folder[64];
	char log[128];			/* request log */
	pid_t pid;
	json_t *ready;			/* the ready file */
	char connect_to[64];		/* every name leads to the emulator */
	struct http *http;
	struct azure_options options;
	struct azure *azure;
};

/** Start, wait for the ready file, open the client. False, with a word on stderr, if that fails. */
bool emulated_start(struct emulated *emulated);

/** Stop the process by its id, remove the folder. */
void emulated_stop(struct emulated *emulated);

/** A text of the ready file. */
const char *emulated_text(const struct emulated *emulated, const char *name);

/** Send an order to the control interface; ${format} is the JSON body. False unless it was taken. */
bool emulated_order(struct emulated *emulated, const char *method, const char *path,
    const char *body);

/** How many requests the log holds whose method is this and whose path begins with this. */
size_t emulated_count(const struct emulated *emulated, const char *method, const char *path);

#endif
