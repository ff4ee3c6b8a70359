# Two files of lines "N MICROSECONDS" as one plot in SVG: a point each, and a line through the medians of
# the 21 around. Names: -v what=FIRST -v what2=SECOND. The y axis ends above the 99th percentile.
function nice(v,    e) {
	e = 10 ^ int(log(v) / log(10))
	if (v < e) e /= 10
	return v <= e ? e : v <= 2 * e ? 2 * e : v <= 5 * e ? 5 * e : 10 * e
}
function x_of(n) { return left + (width - left - right) * n / x_max }
function y_of(v) { return v > y_max ? top : height - bottom - (height - top - bottom) * v / y_max }
function sort(list, n,    i, j, v) {
	for (i = 2; i <= n; i++) {
		v = list[i]
		for (j = i - 1; j > 0 && list[j] > v; j--) list[j + 1] = list[j]
		list[j + 1] = v
	}
}
function median(s, at,    i, n, near) {
	n = 0
	for (i = at - 10; i <= at + 10; i++)
		if ((s, i) in ms) near[++n] = ms[s, i]
	sort(near, n)
	return near[int((n + 1) / 2)]
}
function curve(s, colour,    i) {
	for (i = 1; i <= x_max; i++)
		printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"1.8\" fill=\"%s\" fill-opacity=\"0.35\"/>\n", x_of(i), y_of(ms[s, i]), colour
	printf "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2.2\" stroke-linejoin=\"round\" points=\"", colour
	for (i = 1; i <= x_max; i++) printf "%.1f,%.1f ", x_of(i), y_of(median(s, i))
	print "\"/>"
}
function legend(x, colour, text) {
	printf "<line x1=\"%d\" y1=\"52\" x2=\"%d\" y2=\"52\" stroke=\"%s\" stroke-width=\"3\"/>\n", x, x + 26, colour
	printf "<text x=\"%d\" y=\"56\">%s</text>\n", x + 33, text
}
FNR == 1 { series++ }
{
	ms[series, $1] = $2 / 1000
	all[++count] = $2 / 1000
	if ($1 > x_max) x_max = $1
}
END {
	width = 760; height = 380; left = 64; right = 24; top = 76; bottom = 54
	sort(all, count)
	high = all[int(count * 0.99 + 0.5)] * 1.1
	step = nice(high / 6)
	y_max = step * (int(high / step) + 1)
	x_step = nice(x_max / 8)
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#333\">\n", width, height, width, height
	printf "<title>cutaway-oci: time for one container, with so many alive beside it</title>\n"
	printf "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", width, height
	printf "<text x=\"%d\" y=\"28\" font-size=\"16\" font-weight=\"bold\">%d containers alive at once: the time for each</text>\n", left, x_max
	legend(left, "#1f5fa8", what); legend(left + 190, "#c4551a", what2)
	for (v = 0; v <= y_max + step / 2; v += step) {
		printf "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n", left, width - right, y_of(v), y_of(v), v ? "#e3e3e3" : "#555"
		printf "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n", left - 8, y_of(v) + 4.5, v
	}
	for (n = 0; n <= x_max; n += x_step) {
		printf "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#555\"/>\n", x_of(n), x_of(n), height - bottom, height - bottom + 5
		printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n", x_of(n), height - bottom + 20, n
	}
	printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">the number of the container</text>\n", (left + width - right) / 2, height - 12
	printf "<text transform=\"translate(18 %.1f) rotate(-90)\" text-anchor=\"middle\">milliseconds</text>\n", (top + height - bottom) / 2
	curve(1, "#1f5fa8"); curve(2, "#c4551a")
	print "</svg>"
}
