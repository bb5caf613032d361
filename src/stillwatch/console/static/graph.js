// The account graph, up to 5,000 nodes: drag, zoom, point at a node to read it, open an account. Keys: arrows, + and -, 0.
"use strict";

(async () => {
  const canvas = document.getElementById("graph");
  if (!canvas) return;
  const { nodes, edges, accounts_left_out: leftOut } = await (await fetch(canvas.dataset.address)).json();
  if (!nodes.length) return;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const reading = document.getElementById("graph-reading");
  const many = nodes.length > 1500;
  const things = nodes.filter((node) => node.kind !== "account").map((node) => node.id);
  const element = ({ x, y, ...data }) => ({
    data: { ...data, number: String(things.indexOf(data.id) + 1) },
    position: { x, y },
    classes: data.kind === "account" ? "account" : "thing",
  });
  const style = [
    { selector: "node.account", style: { width: 7, height: 7, "background-color": colour("--accounts") } },
    { selector: "node.thing", style: {
      width: 26, height: 26, shape: "round-rectangle", "background-color": colour("--total"), label: "data(number)",
      color: colour("--page"), "font-size": 13, "font-weight": "bold", "text-valign": "center", "text-halign": "center", "z-index": 9,
    } },
    { selector: "edge", style: { width: 0.7, "line-color": colour("--quiet"), opacity: many ? 0.16 : 0.35, "curve-style": "haystack", events: "no" } },
    { selector: ".beside", style: { "line-color": colour("--link"), opacity: 0.9, width: 1.6, "background-color": colour("--link") } },
    { selector: ":selected", style: { "background-color": colour("--link"), "border-width": 2, "border-color": colour("--ink") } },
  ];
  const graph = cytoscape({
    container: canvas,
    elements: { nodes: nodes.map(element), edges: edges.map(([source, target]) => ({ data: { source, target } })) },
    layout: { name: "preset", padding: 24 },
    style,
    autoungrabify: true,
    boxSelectionEnabled: false,
    minZoom: 0.02,
    maxZoom: 8,
    hideEdgesOnViewport: many,
    textureOnViewport: many,
    pixelRatio: many ? 1 : "auto",
  });
  canvas.classList.add("drawn");
  const say = (node) => {
    const data = node.data();
    reading.textContent = data.kind === "account"
      ? `Account ${data.label}: shares ${data.things} of the numbered things. Press Enter or click twice to open it.`
      : `${data.number}: ${data.kind}, ${data.label}; ${data.accounts} accounts, ${data.bits} bits.`;
  };
  if (leftOut) reading.textContent += ` ${leftOut} accounts that share least are left out.`;
  graph.on("tap", "node", ({ target }) => {
    graph.elements(".beside").removeClass("beside");
    target.connectedEdges().addClass("beside").connectedNodes(".account").addClass("beside");
    say(target);
  });
  graph.on("mouseover", "node", ({ target }) => say(target));
  const open = (node) => node.data("kind") === "account" && window.location.assign(canvas.dataset.account + encodeURIComponent(node.data("label")));
  graph.on("dbltap", "node.account", ({ target }) => open(target));

  // While it moves, a large graph is drawn without its edges; so a key is answered at once. Keys in a row add up.
  let aim;
  const glide = (to) => {
    aim = to;
    graph.stop(true).animate({ pan: to }, { duration: many ? 120 : 0 });
  };
  const pan = (x, y) => {
    const from = graph.animated() ? aim : graph.pan();
    glide({ x: from.x + x, y: from.y + y });
  };
  const order = graph.nodes();
  let place = -1;
  const step = (by) => {
    place = (place + by + order.length) % order.length;
    graph.$(":selected").unselect();
    order[place].select();
    const { x, y } = order[place].position();
    glide({ x: graph.width() / 2 - x * graph.zoom(), y: graph.height() / 2 - y * graph.zoom() });
    say(order[place]);
  };
  const zoom = (factor) => graph.stop(true).zoom({ level: graph.zoom() * factor, renderedPosition: { x: graph.width() / 2, y: graph.height() / 2 } });
  const keys = {
    ArrowLeft: () => pan(60, 0), ArrowRight: () => pan(-60, 0), ArrowUp: () => pan(0, 60), ArrowDown: () => pan(0, -60),
    "+": () => zoom(1.3), "-": () => zoom(1 / 1.3), 0: () => graph.stop(true).fit(undefined, 24),
    n: () => step(1), p: () => step(-1), Enter: () => place >= 0 && open(order[place]),
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    keys[event.key]();
    event.preventDefault();
  });
  canvas.dataset.nodes = String(nodes.length);
})();
