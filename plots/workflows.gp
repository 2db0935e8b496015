# Response latency by workflow and design: bars as predicted, points as reported.
#
# `flexbench plot` runs this with:
#   data      rows of groups in blocks of panels; three columns a series: predicted, reported, error
#   output    the picture's file
#   format    svg or png
#   series    names of the designs, in the columns' order
#   headline  what the figure shows
#   ordinate  what the upright axis is

if (format eq "svg") {
  set terminal svg size 1100,560 font "DejaVu Sans,12" background rgb "white" noenhanced
} else {
  set terminal pngcairo size 1100,560 font "DejaVu Sans,11" noenhanced
}
set output output

# The same design has the same colour in every figure.
color(name) = name eq "flexserve" ? 0x0072b2 : name eq "strawman-opt" ? 0xe69f00 : \
  name eq "strawman" ? 0xd55e00 : 0x999999

designs = words(series)
width = 0.8 / designs
place(design) = (design - 1 - (designs - 1) / 2.0) * width

set border 3
set tics nomirror
set grid ytics back linetype 1 linecolor rgb "#d0d0d0"
set style fill solid 0.85 noborder
set boxwidth width
set logscale y
set yrange [1:500]
set ytics (1, 2, 5, 10, 20, 50, 100, 200, 500)
set xtics rotate by -25
set xrange [-0.6:9.6]
set key off

subtitle = "Bars: predicted by this model. Points: reported by the FlexServe paper, Figure 9."

set title headline."\n".subtitle."\n"
set ylabel ordinate." (log scale)"
set key outside top center horizontal maxrows 1 samplen 1.5
# The first plot draws nothing: it puts one label under each group.
plot data using 0:(NaN):xtic(2) notitle, \
  for [design = 1:designs] data \
    using ($0 + place(design)):(column(3 * design)) with boxes \
    linecolor rgb color(word(series, design)) title word(series, design), \
  for [design = 1:designs] data \
    using ($0 + place(design)):(column(3 * design + 1)):(column(3 * design + 2)) \
    with yerrorbars linecolor rgb "black" pointtype 7 pointsize 0.5 \
    title (design == 1 ? "reported" : "")
