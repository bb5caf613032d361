// The timeline of a campaign as a chart that can be read at a point; without it the drawing of the page stays.
"use strict";

(async () => {
  const figure = document.getElementById("timeline");
  if (!figure) return;
  const { bins } = await (await fetch(figure.dataset.address)).json();
  if (!bins.length) return;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const reading = document.getElementById("timeline-reading");
  const times = bins.map((bin) => Date.parse(bin.start) / 1000);
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { stroke: colour("--rule") } };
  const bars = uPlot.paths.bars({ size: [0.9, 60] });
  const place = document.createElement("div");
  figure.prepend(place);
  const chart = new uPlot({
    width: figure.clientWidth,
    height: 260,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    cursor: { y: false },
    series: [
      { label: "From (UTC)" },
      { label: "Requests", scale: "requests", stroke: colour("--requests"), fill: colour("--requests"), paths: bars },
      { label: "Active accounts", scale: "accounts", stroke: colour("--accounts"), paths: () => null, points: { show: true, size: 4, fill: colour("--accounts") } },
    ],
    axes: [{ ...axis, values: (plot, marks) => marks.map((seconds) => new Date(seconds * 1000).toISOString().slice(5, 10)) }, { ...axis, scale: "requests", size: 70 }, { ...axis, scale: "accounts", side: 1, size: 60, grid: { show: false } }],
    hooks: {
      setCursor: [(plot) => {
        const bin = bins[plot.cursor.idx];
        if (bin) reading.textContent = `${bin.start}: ${bin.requests} requests, ${bin.accounts} active accounts`;
      }],
    },
  }, [times, bins.map((bin) => bin.requests), bins.map((bin) => bin.accounts)], place);
  figure.classList.add("drawn");
  new ResizeObserver(() => chart.setSize({ width: figure.clientWidth, height: 260 })).observe(figure);
})();
