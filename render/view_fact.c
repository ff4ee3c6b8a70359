/* One fact, down to the file that it was read from: below it there is only the kernel. */
#include "render/describe.h"
#include "render/process.h"
#include "render/sheet.h"

#include <errno.h>
#include <string.h>

enum { CARDS = 4, LINE_MOST = 76 };

struct page {
	const struct view_input *in;
	const struct model_fact *f;
	struct scene *s;
	struct card cards[CARDS];
	size_t n;
	int width;    /* of a card's lines: paths and commands are to be copied, so they have all */
	int sentence; /* of lines that are to be read */
};

static struct card *add_card(
        struct page *p, const char *part, const char *title, enum scene_role role)
{
	struct card *c = &p->cards[p->n++];

	*c = (struct card){
	        .id = scene_format(p->s, "fact-part:%s", part), .title = title, .role = role};
	return c;
}

static enum scene_role role_of(const struct model_fact *f)
{
	if (f->ns)
		return describe_namespace_role(f->ns_type);
	return f->cgroup >= 0 ? SCENE_CGROUP : SCENE_PROCESS;
}

static void value_card(struct page *p)
{
	const struct model_fact *f = p->f;
	struct card *c = add_card(p, "value", "what it is", role_of(f));
	struct scene *s = p->s;

	if (!f->there)
		card_say(s, c, "nothing of that name is there now", SCENE_DIM, MARK_NONE);
	else if (!*f->value)
		card_say(s, c, "empty", SCENE_DIM, MARK_NONE);
	else
		card_wrap(s, c, scene_clean(s, f->value), p->width, SCENE_TITLE);
	if (*f->about)
		card_wrap(s, c, scene_clean(s, f->about), p->sentence, SCENE_PLAIN);
}

static void source_card(struct page *p)
{
	const struct model_fact *f = p->f;
	struct card *c = add_card(p, "source", "where the kernel tells it", SCENE_MOUNT);
	struct scene *s = p->s;

	if (*f->path)
		card_wrap(s, c, scene_clean(s, f->path), p->width, SCENE_TITLE);
	else
		card_say(s, c, "in no file of /proc or /sys", SCENE_DIM, MARK_NONE);
	if (*f->field)
		card_wrap(s, c, scene_format(s, "there: %s", scene_clean(s, f->field)), p->width,
		        SCENE_PLAIN);
	if (*f->page)
		card_say(s, c, scene_format(s, "explained in %s", scene_clean(s, f->page)),
		        SCENE_DIM, MARK_NONE);
}

static void commands_card(struct page *p)
{
	struct card *c = add_card(p, "commands", "see it yourself", SCENE_YOU);

	for (int i = 0; i < FACT_COMMANDS && p->f->commands[i]; i++)
		card_wrap(p->s, c, scene_format(p->s, "$ %s", scene_clean(p->s, p->f->commands[i])),
		        p->width, SCENE_YOU);
}

/* Who shares the namespace, or is in the group. */
static void members_card(struct page *p)
{
	const struct model_fact *f = p->f;
	struct process_filter filter = {f->ns_type, f->ns, f->ns ? -1 : f->cgroup};
	struct card *c;

	if (!f->ns && (f->cgroup < 0 || (size_t)f->cgroup >= p->in->now->n_cgroups))
		return;
	c = add_card(p, "members",
	        f->ns ? scene_format(p->s, "processes in this %s namespace", ns_names[f->ns_type])
	              : "its amounts and its processes",
	        role_of(f));
	if (!f->ns)
		group_rows(p->s, c, &p->in->now->cgroups[f->cgroup]);
	process_list(p->in, p->s, c, &filter);
	c->liked = 4; /* the others are short, and come first */
}

static void draw(struct page *p)
{
	const struct model_fact *f = p->f;
	const char *title = scene_clean(p->s, f->title);

	value_card(p);
	source_card(p);
	commands_card(p);
	members_card(p);
	sheet_draw(p->s, p->in,
	        &(struct sheet){
	                .id = "fact-part:all",
	                .title = title,
	                .description = scene_format(p->s, "%s is %s; read from %s.", title,
	                        *f->value ? scene_clean(p->s, f->value) : "empty",
	                        *f->path ? scene_clean(p->s, f->path) : "no file"),
	                .role = role_of(f),
	                .cards = p->cards,
	                .n = p->n,
	                .card_width = p->s->width - 4,
	        });
}

int view_fact_layout(const struct view_input *in, struct scene *ret)
{
	struct scene s;
	struct page p = {.in = in, .f = in->fact, .s = &s};

	scene_init(&s, in->width, in->height);
	p.width = s.width - 8;
	p.sentence = p.width < LINE_MOST ? p.width : LINE_MOST;
	if (p.f) {
		draw(&p);
	} else {
		s.title = in->subject ? scene_format(&s, "no fact is called %s",
		                                scene_clean(&s, in->subject))
		                      : "no fact is chosen";
		s.description = s.title;
		scene_add_text(
		        &s, &(struct scene_text){0, 0, s.width, s.title, SCENE_DIM, MARK_NONE});
		s.height = 1;
	}
	if (s.failed) {
		scene_release(&s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}
