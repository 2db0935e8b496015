# Other programs' speed and time to first token by policy: bars as predicted, points as reported.
#
# `flexbench plot` runs this with:
#   data      rows of groups in blocks of panels; three columns a series: predicted, reported, error
#   output    the picture's file
#   format    svg or png
#   series    names of the policies, in the columns' order
#   panels    names of the columns, in the blocks' order: performance, time to first token
#   headline  what the figure shows

if (format eq "svg") {
  set terminal svg size 1100,640 font "DejaVu Sans,12" background rgb "white" noenhanced
} else {
  set terminal pngcairo size 1100,640 font "DejaVu Sans,11" noenhanced
}
set output output

# The same design has the same hue in every figure; what keeps more is lighter.
color(name) = name eq "flexserve" ? 0x0072b2 : name eq "flexserve-cache-timeout" ? 0x7fb8d8 : \
  name eq "strawman-opt-no-cache" ? 0xe69f00 : name eq "strawman-opt-always-cache" ? 0xf7d999 : \
  name eq "strawman-opt-cache-timeout" ? 0xf0bf55 : name eq "strawman-no-cache" ? 0xd55e00 : \
  name eq "strawman-always-cache" ? 0xf0bf99 : name eq "strawman-cache-timeout" ? 0xe28f50 : 0x999999

policies = words(series)
width = 0.84 / policies
place(policy) = (policy - 1 - (policies - 1) / 2.0) * width

set border 3
set tics nomirror
set grid ytics back linetype 1 linecolor rgb "#d0d0d0"
set style fill solid 0.9 noborder
set boxwidth width
set xrange [-0.55:3.55]
set key off

subtitle = "Bars: predicted by this model. Points: reported by the FlexServe paper, Figure 10."

set multiplot layout 2,1 title headline."\n".subtitle margins 0.07,0.99,0.06,0.77 spacing 0.06,0.1
do for [panel = 1:words(panels)] {
  if (panel == 1) {
    set yrange [0:105]
    set ylabel "speed, % of that\nwithout inference"
    set key at screen 0.53,0.88 center center horizontal maxrows 3 samplen 1.2 width -1
  } else {
    set logscale y
    set yrange [1:100]
    set ytics (1, 2, 5, 10, 20, 50, 100)
    set ylabel "time to first token,\nseconds (log scale)"
    set key off
  }
  # The first plot draws nothing: it puts one label under each group.
  plot data index (panel - 1) using 0:(NaN):xtic(2) notitle, \
    for [policy = 1:policies] data index (panel - 1) \
      using ($0 + place(policy)):(column(3 * policy)) with boxes \
      linecolor rgb color(word(series, policy)) title word(series, policy), \
    for [policy = 1:policies] data index (panel - 1) \
      using ($0 + place(policy)):(column(3 * policy + 1)) \
      with points linecolor rgb "black" pointtype 7 pointsize 0.6 \
      title (policy == 1 ? "reported" : "")
}
unset multiplot
