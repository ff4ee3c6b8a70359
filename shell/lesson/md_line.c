#include "shell/lesson/md_line.h"

#include <ctype.h>
#include <string.h>

size_t md_blanks(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && (text[i] == ' ' || text[i] == '\t'))
		i++;
	return i;
}

size_t md_run_of(const char *text, size_t n, char c)
{
	size_t i = 0;

	while (i < n && text[i] == c)
		i++;
	return i;
}

size_t md_trimmed(const char *text, size_t n)
{
	while (n && isspace((unsigned char)text[n - 1]))
		n--;
	return n;
}

size_t md_container_prefix(const char *text, size_t n, bool markers)
{
	size_t i = 0;

	for (;;) {
		size_t j;

		i += md_blanks(text + i, n - i);
		j = i;
		if (j < n && text[j] == '>') {
			i++;
			continue;
		}
		if (!markers)
			return i;
		if (j < n && strchr("-+*", text[j]))
			j++;
		else {
			while (j < n && isdigit((unsigned char)text[j]))
				j++;
			if (j == i || j == n || (text[j] != '.' && text[j] != ')'))
				return i;
			j++;
		}
		if (j == n || (text[j] != ' ' && text[j] != '\t'))
			return i;
		i = j;
	}
}

size_t md_indent_of(const char *text, size_t n)
{
	size_t column = 0;

	for (size_t i = 0; i < n && (text[i] == ' ' || text[i] == '\t'); i++)
		column += text[i] == '\t' ? 4 - column % 4 : 1;
	return column;
}

size_t md_blanks_of(const char *text, size_t n, size_t columns)
{
	size_t i = 0;

	while (i < n && (text[i] == ' ' || text[i] == '\t') && md_indent_of(text, i + 1) <= columns)
		i++;
	return i;
}

size_t md_open_ticks(const char *text, size_t n, size_t *ret_length)
{
	for (size_t i = 0; i < n;) {
		size_t length = md_run_of(text + i, n - i, '`'), j = i + length;

		if (!length) {
			i += text[i] == '\\' ? 2 : 1;
			continue;
		}
		while (j < n) {
			size_t other = md_run_of(text + j, n - j, '`');
			if (other == length)
				break;
			j += other ? other : 1;
		}
		if (j >= n) {
			*ret_length = length;
			return i;
		}
		i = j + length;
	}
	return n;
}
