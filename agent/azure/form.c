#include "form.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct form *
form_new(void)
{
	return calloc(1, sizeof(struct form));
}

/* Everything but the unreserved characters of RFC 3986, 2.3, as %XX; true if it fits. */
static bool
append_encoded(struct form *form, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (form->size + 3 >= FORM_MAX)
			return false;
		if (isascii(c) && (isalnum(c) || strchr("-._~", c) != NULL)) {
			form->text[form->size++] = (char)c;
			continue;
		}
		form->text[form->size++] = '%';
		form->text[form->size++] = digits[c >> 4];
		form->text[form->size++] = digits[c & 15];
	}
	return true;
}

/* One pair after another, joined by an ampersand. */
bool
form_add(struct form *form, const char *name, const char *value, struct fault *fault)
{
	bool fits = form->size + 2 < FORM_MAX;

	if (fits && form->size > 0)
		form->text[form->size++] = '&';
	fits = fits && append_encoded(form, name) && form->size + 1 < FORM_MAX;
	if (fits)
		form->text[form->size++] = '=';
	if (!fits || !append_encoded(form, value))
		return fault_set(fault, FAULT_DATA, "The %s of the token request is too long", name);
	return true;
}

void
form_free(struct form *form)
{
	if (form == NULL)
		return;
	explicit_bzero(form, sizeof *form);
	free(form);
}
