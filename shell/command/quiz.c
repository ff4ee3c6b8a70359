/* cutaway quiz: questions on what the lessons teach, asked again when it is time. */
#include "shell/lesson/quiz.h"
#include "kernel/base/cleanup.h"
#include "shell/command.h"
#include "shell/lesson/boxes.h"
#include "shell/lesson/quiz_round.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH = 80 };

static const char usage[] =
        "Usage: cutaway quiz [--again] [TOPIC]\n"
        "       cutaway quiz --list [--json]\n"
        "       cutaway quiz --known N TOPIC\n"
        "Ask questions on what the lessons teach, and explain the answers. TOPIC is a goal (url,\n"
        "layers, …), the name of a lesson, all, or exam: five questions on each of the goals, "
        "with\n"
        "a score. Without TOPIC: all that are due.\n\n"
        "A question that was answered right comes again after 1, 3, 7 and 21 days, a wrong one in\n"
        "the next round. At most ten are asked in one round. Answers are lines: a word (capitals,\n"
        "articles, the plural and slips in long words do not matter) or the number of a choice;\n"
        "an empty line means 'I do not know', 'stop' ends.\n\n"
        "      --again    also those that are not due yet\n"
        "      --list     the topics, and how much of each is known\n"
        "      --json     with --list: as a JSON array of objects with goal, title, questions, "
        "known\n"
        "      --known N  ask nothing; exit status 0 when N questions of TOPIC are known, or N\n"
        "                 answers of an exam were right\n"
        "      --help     this text\n\n"
        "What was answered is kept in $XDG_STATE_HOME/cutaway/quiz.json. CUTAWAY_NOW, seconds "
        "since\n"
        "1970, is taken for the time of day if it is set.\n\n"
        "Exit status: 0, 1 when something failed or is not known, 2 usage.\n\n"
        "Examples:\n"
        "  cutaway quiz url\n"
        "  cutaway quiz exam\n"
        "  cutaway quiz --known 5 url && echo well done\n";

static int width(void)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col < WIDTH ? size.ws_col : WIDTH;
	return WIDTH;
}

/* One line of the answer, without its end; false at the end of the input. */
static bool read_line(char **line, size_t *room)
{
	ssize_t n;

	if (isatty(STDIN_FILENO))
		fputs("Your answer (Enter: I do not know; 'stop' ends): ", stdout);
	fflush(stdout);
	n = getline(line, room, stdin);
	if (n > 0 && (*line)[n - 1] == '\n')
		(*line)[n - 1] = '\0';
	return n >= 0 && strcmp(*line, "stop") != 0;
}

static int ask(const char *topic, bool again)
{
	const struct quiz_round_options options = {
	        .topic = topic, .again = again, .now = boxes_now(), .width = width()};
	struct quiz_round *round;
	struct error err = {0};
	auto_free char *line = NULL;
	auto_buf text = BUF_INIT;
	size_t room = 0;
	int r;

	if (quiz_round_begin(&options, &round, &err) < 0)
		return command_fail("quiz", &err);
	while (quiz_round_question(round)) {
		quiz_round_ask(round, &text);
		fputs(buf_text(&text), stdout);
		buf_reset(&text);
		if (!read_line(&line, &room))
			break;
		quiz_round_answer(round, line, &text);
		buf_addc(&text, '\n');
		fputs(buf_text(&text), stdout);
		buf_reset(&text);
	}
	r = quiz_round_end(round, &text, &err);
	fputs(buf_text(&text), stdout);
	return r < 0 ? command_fail("quiz", &err) : 0;
}

static void print_goals(const struct quiz *q, const struct boxes *boxes, bool json)
{
	json_t *all = json_array();

	for (size_t i = 0; i < q->n_goals; i++) {
		const struct quiz_goal *goal = &q->goals[i];
		size_t of = 0, known = 0;

		for (size_t k = 0; k < q->n; k++)
			if (quiz_is_of(&q->questions[k], goal->name)) {
				of++;
				known += boxes_knows(boxes, q->questions[k].id);
			}
		if (!json)
			printf("%-10s %2zu of %2zu known  %s\n", goal->name, known, of,
			        goal->title);
		json_array_append_new(all,
		        json_pack("{s:s, s:s, s:I, s:I}", "goal", goal->name, "title", goal->title,
		                "questions", (json_int_t)of, "known", (json_int_t)known));
	}
	if (json) {
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (boxes_best_exam(boxes)) {
		printf("Best exam: %zu right.\n", boxes_best_exam(boxes));
	}
	json_decref(all);
}

static int list(bool json)
{
	struct quiz quiz = {0};
	struct boxes *boxes = NULL;
	struct error err = {0};
	int r = quiz_read_ours(&quiz, &err);

	if (r == 0)
		r = boxes_load(&boxes, NULL, &err);
	if (r == 0)
		print_goals(&quiz, boxes, json);
	boxes_free(boxes);
	quiz_release(&quiz);
	return r < 0 ? command_fail("quiz", &err) : 0;
}

static int is_known(const char *topic, long wanted)
{
	struct error err = {0};
	int known = quiz_known(NULL, topic, &err);

	if (known < 0)
		return command_fail("quiz", &err);
	if (known >= wanted)
		return 0;
	printf("%d of %ld answered right: 'quiz %s' asks\n", known, wanted, topic);
	return 1;
}

static int quiz_main(int argc, char **argv)
{
	static const struct option known[] = {{"again", no_argument, NULL, 'a'},
	        {"list", no_argument, NULL, 'l'}, {"json", no_argument, NULL, 'j'},
	        {"known", required_argument, NULL, 'k'}, {NULL, 0, NULL, 0}};
	bool again = false, listing = false, json = false;
	const char *topic;
	long wanted = -1;
	char *end;
	int c;

	while ((c = command_option("quiz", argc, argv, "", known)) != -1) {
		again |= c == 'a';
		listing |= c == 'l';
		json |= c == 'j';
		if (c == 'k') {
			wanted = strtol(optarg, &end, 10);
			if (*end || end == optarg || wanted < 1)
				return command_usage_error(
				        "quiz", "--known needs a number, not '%s'", optarg);
		}
		if (c == '?')
			return EXIT_USAGE;
	}
	topic = optind < argc ? argv[optind] : "all";
	if (optind + 1 < argc)
		return command_usage_error("quiz", "unexpected argument '%s'", argv[optind + 1]);
	if (listing)
		return list(json);
	if (json)
		return command_usage_error("quiz", "--json goes with --list");
	return wanted > 0 ? is_known(topic, wanted) : ask(topic, again);
}

const struct command command_quiz = {
        .name = "quiz",
        .usage = usage,
        .main = quiz_main,
};
