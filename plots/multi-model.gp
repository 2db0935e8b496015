# Mean time to first token by group of models, data set and design: bars as predicted, points as reported.
#
# `flexbench plot` runs this with:
#   data      rows of groups in blocks of panels; three columns a series: predicted, reported, error
#   output    the picture's file
#   format    svg or png
#   series    names of the designs, in the columns' order
#   panels    names of the groups of models, in the blocks' order
#   headline  what the figure shows
#   ordinate  what the upright axis is

if (format eq "svg") {
  set terminal svg size 1100,720 font "DejaVu Sans,12" background rgb "white" noenhanced
} else {
  set terminal pngcairo size 1100,720 font "DejaVu Sans,11" noenhanced
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
set yrange [0.3:100]
set ytics (0.5, 1, 2, 5, 10, 20, 50, 100)
set xrange [-0.6:3.6]
set key off

subtitle = "Bars: predicted by this model. Points: reported by the FlexServe paper, Figure 8 (two groups here)."

rows = (words(panels) + 1) / 2
set multiplot layout rows,2 title headline."\n".subtitle margins 0.07,0.99,0.06,0.80 \
  spacing 0.06,0.16
do for [panel = 1:words(panels)] {
  set title word(panels, panel) offset 0,-0.5
  set ylabel panel % 2 == 1 ? ordinate." (log scale)" : ""
  if (panel == 1) {
    set key at screen 0.53,0.885 center center vertical maxrows 1 samplen 1.5
  } else {
    set key off
  }
  # The first plot draws nothing: it puts one label under each group.
  plot data index (panel - 1) using 0:(NaN):xtic(2) notitle, \
    for [design = 1:designs] data index (panel - 1) \
      using ($0 + place(design)):(column(3 * design)) with boxes \
      linecolor rgb color(word(series, design)) title word(series, design), \
    for [design = 1:designs] data index (panel - 1) \
      using ($0 + place(design)):(column(3 * design + 1)):(column(3 * design + 2)) \
      with yerrorbars linecolor rgb "black" pointtype 7 pointsize 0.5 \
      title (design == 1 ? "reported" : "")
}
unset multiplot
