#ifndef SETTINGS_H
#define SETTINGS_H

#include "azure.h"
#include "curl.h"
#include "journal.h"
#include "token.h"

/*
 * The settings file (JSON; see agent.example.json), read into the option structs that the rooms declare.  Unknown and
 * repeated members are errors, and every error of the file is told at once (problems.h).
 */

struct document_text;
struct problems;

#define SETTINGS_DEFAULT_FILE "/etc/keyturn/agent.json"
#define SETTINGS_DEFAULT_POLICIES "/etc/keyturn/policies.d"
#define SETTINGS_DEFAULT_STATE "/var/lib/keyturn"

/* Everything belongs to the settings; the options that are handed on borrow from here. All paths are absolute. */
struct settings {
	char *file;			/* where it was read from */
	bool rehearsal;			/* nothing real: connect_to is allowed, keys are labelled so */
	const char *state;		/* folder of journal, blobs, locks */
	const char *policies;		/* folder of policies */
	struct token_options *tokens;
	size_t token_count;
	const char **token_uris;	/* of the tokens, in their order */
	bool has_azure;			/* false: nothing can be asked of Azure */
	const char *cloud;		/* a name of clouds.c */
	struct azure_options azure;
	struct curl_options curl;
	struct journal_options journal;
	char *settling;			/* ISO 8601 duration or NULL */
	int64_t settling_ms;		/* 0: as the kind of vault wants */
};

/**
 * settings_load(path, ret_settings, problems, fault):
 * Read the settings at ${path}; NULL: at $KEYTURN_CONFIG, and without that at SETTINGS_DEFAULT_FILE. Relative paths in the
 * file are below its own folder. The file must belong to root or to the user who runs keyturn, and nobody else may write it.
 * Errors: FAULT_SETTINGS, no such file, not safe, or problems, which are then in ${problems}; FAULT_SYSTEM.
 * settings_free releases ${*ret_settings}.
 */
bool settings_load(const char *path, struct settings **ret_settings, struct problems *problems, struct fault *fault)
    __attribute__((warn_unused_result));

/** The same from text, with the absolute path of the folder that relative paths are below. No I/O. Errors: FAULT_SETTINGS, FAULT_SYSTEM. */
bool settings_parse(const struct document_text *source, const char *folder, struct settings **ret_settings,
    struct problems *problems, struct fault *fault) __attribute__((warn_unused_result));

/** The options of the token that a policy names, or NULL; borrowed. */
const struct token_options *settings_token(const struct settings *settings, const char *uri);

/** NULL is allowed. */
void settings_free(struct settings *settings);

static inline void
scope_settings(struct settings **settings)
{
	settings_free(*settings);
}

#endif
