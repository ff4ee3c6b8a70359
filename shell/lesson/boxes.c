#include "shell/lesson/boxes.h"

#include "kernel/base/cleanup.h"
#include "kernel/base/dirs.h"
#include "kernel/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { LIMIT = 4 << 20, DAY = 86400 };

struct boxes {
	char *directory;
	json_t *root;
	bool failed;
};

static const char file_name[] = "quiz.json";

static json_t *new_root(void)
{
	return json_pack("{s:i, s:{}, s:[]}", "version", 1, "questions", "exams");
}

/* -ENOENT when there is none, -EINVAL when it is damaged. */
static int read_root(int dir, json_t **ret)
{
	auto_buf text = BUF_INIT;
	json_t *root;
	int r = file_read_at(dir, file_name, LIMIT, &text);

	if (r < 0)
		return r == -EFBIG ? -EINVAL : r;
	root = json_loadb(buf_text(&text), text.len, 0, NULL);
	if (!json_is_object(json_object_get(root, "questions")) ||
	        !json_is_array(json_object_get(root, "exams"))) {
		json_decref(root);
		return -EINVAL;
	}
	*ret = root;
	return 0;
}

int boxes_load(struct boxes **ret, struct buf *message, struct error *err)
{
	struct boxes *b = calloc(1, sizeof *b);
	auto_close dir = -1;
	int r = b ? dirs_path(DIRS_STATE, NULL, true, &b->directory, err) : -ENOMEM;

	if (r == 0) {
		dir = open(b->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = dir < 0 ? -errno : read_root(dir, &b->root);
		if (r == -EINVAL) {
			renameat(dir, file_name, dir, "quiz.json.damaged");
			if (message)
				buf_addf(message,
				        "%s/%s is damaged; you start with a new one, the old is "
				        "quiz.json.damaged.",
				        b->directory, file_name);
		}
		if (r == -EINVAL || r == -ENOENT)
			r = (b->root = new_root()) ? 0 : -ENOMEM;
	}
	if (r < 0) {
		error_set(err, -r, "read answers", b && b->directory ? b->directory : "", NULL);
		boxes_free(b);
		return r;
	}
	*ret = b;
	return 0;
}

void boxes_free(struct boxes *b)
{
	if (!b)
		return;
	json_decref(b->root);
	free(b->directory);
	free(b);
}

int boxes_save(struct boxes *b, struct error *err)
{
	auto_close dir = open(b->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_free char *text = json_dumps(b->root, JSON_INDENT(1) | JSON_SORT_KEYS);
	int r = b->failed || !text ? -ENOMEM : dir < 0 ? -errno : 0;

	if (r == 0)
		r = file_replace_at(dir, file_name, text, strlen(text), 0600);
	return r < 0 ? error_set(err, -r, "save answers", b->directory, NULL) : 0;
}

static json_int_t number(const struct boxes *b, const char *id, const char *key)
{
	const json_t *entry = json_object_get(json_object_get(b->root, "questions"), id);
	json_int_t n = json_integer_value(json_object_get(entry, key));

	return n > 0 ? n : 0;
}

int boxes_box(const struct boxes *b, const char *id)
{
	json_int_t box = number(b, id, "box");

	return box < BOXES ? (int)box : BOXES;
}

time_t boxes_due(const struct boxes *b, const char *id)
{
	return (time_t)number(b, id, "due");
}

bool boxes_knows(const struct boxes *b, const char *id)
{
	return boxes_box(b, id) > 1;
}

void boxes_answer(struct boxes *b, const char *id, bool right, time_t now)
{
	static const int days[BOXES + 1] = {0, 0, 1, 3, 7, 21};
	int box = boxes_box(b, id), next = !right ? 1 : box < 1 ? 2 : box < BOXES ? box + 1 : BOXES;
	json_t *entry = json_pack("{s:i, s:I, s:I, s:I}", "box", next, "due",
	        (json_int_t)now + (json_int_t)days[next] * DAY, "right",
	        number(b, id, "right") + right, "wrong", number(b, id, "wrong") + !right);

	if (!entry || json_object_set_new(json_object_get(b->root, "questions"), id, entry) < 0)
		b->failed = true;
}

void boxes_exam(struct boxes *b, time_t now, size_t right, size_t of, json_t *goals)
{
	json_t *exam = json_pack("{s:I, s:I, s:I, s:o}", "time", (json_int_t)now, "right",
	        (json_int_t)right, "of", (json_int_t)of, "goals", goals);

	if (!exam || json_array_append_new(json_object_get(b->root, "exams"), exam) < 0)
		b->failed = true;
}

size_t boxes_best_exam(const struct boxes *b)
{
	const json_t *exams = json_object_get(b->root, "exams");
	json_int_t best = 0;

	for (size_t i = 0; i < json_array_size(exams); i++) {
		json_int_t right =
		        json_integer_value(json_object_get(json_array_get(exams, i), "right"));
		best = right > best ? right : best;
	}
	return (size_t)best;
}

const json_t *boxes_json(const struct boxes *b)
{
	return b->root;
}

time_t boxes_now(void)
{
	const char *set = getenv("CUTAWAY_NOW");
	long long told = set ? strtoll(set, NULL, 10) : 0;

	return told > 0 ? (time_t)told : time(NULL);
}
