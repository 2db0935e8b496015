# Time to first token over background load by model and design: lines as predicted, points as
# reported.
#
# `flexbench plot` runs this with:
#   data      rows of groups in blocks of panels; three columns a series: predicted, reported, error
#   output    the picture's file
#   format    svg or png
#   series    names of the designs, in the columns' order
#   panels    names of the models, in the blocks' order
#   headline  what the figure shows
#   abscissa, ordinate   what the axes are

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

set border 3
set tics nomirror
set grid ytics back linetype 1 linecolor rgb "#d0d0d0"
set logscale y
set yrange [0.8:100]
set ytics (1, 2, 5, 10, 20, 50, 100)
set xlabel abscissa
set key off

subtitle = "Lines: predicted by this model. Points: reported by the FlexServe paper, Figure 7 (none for Qwen3 here)."

rows = (words(panels) + 1) / 2
set multiplot layout rows,2 title headline."\n".subtitle margins 0.07,0.99,0.08,0.80 \
  spacing 0.06,0.16
do for [panel = 1:words(panels)] {
  set title word(panels, panel) offset 0,-0.5
  set ylabel panel % 2 == 1 ? ordinate." (log scale)" : ""
  if (panel == 1) {
    set key at screen 0.53,0.885 center center vertical maxrows 1 samplen 1.5
  } else {
    set key off
  }
  plot for [design = 1:designs] data index (panel - 1) using 2:(column(3 * design)) with lines \
      linewidth 2 linecolor rgb color(word(series, design)) title word(series, design), \
    for [design = 1:designs] data index (panel - 1) \
      using 2:(column(3 * design + 1)):(column(3 * design + 2)) \
      with yerrorbars linecolor rgb color(word(series, design)) pointtype 7 pointsize 0.6 \
      title "", \
    NaN with points linecolor rgb "black" pointtype 7 pointsize 0.6 title "reported"
}
unset multiplot
