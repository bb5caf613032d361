// The account graph, up to 5,000 nodes: drag, zoom, point at a node to read it, open an account. Keys: arrows, + and -, 0.
"use strict";

const EDGE = 24, STANDS = 140;

(async () => {
  const canvas = document.getElementById("graph");
  if (!canvas) return;
  const { nodes, edges, accounts_left_out: leftOut } = await (await fetch(canvas.dataset.address)).json();
  if (!nodes.length) return;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const reading = document.getElementById("graph-reading");
  const many = nodes.length > 1500;
  const colours = [colour("--accounts"), colour("--total")];
  const numbers = new Map(nodes.filter((node) => node.kind !== "account").map((node, place) => [node.id, place + 1]));
  const element = ({ x, y, ...data }) => ({
    data: { ...data, number: String(numbers.get(data.id) || "") },
    position: { x, y },
    classes: data.kind === "account" ? "account" : "thing",
  });
  // Links are drawn on a canvas of their own below the nodes: the library keeps the nodes alone, which it is quick with.
  const links = document.createElement("canvas");
  links.className = "links";
  links.setAttribute("aria-hidden", "true");
  canvas.prepend(links);
  const pen = links.getContext("2d");
  const at = new Map(nodes.map((node) => [node.id, node]));
  const byThing = new Map();
  for (const edge of edges) {
    if (!byThing.has(edge[1])) byThing.set(edge[1], []);
    byThing.get(edge[1]).push(edge);
  }
  const lines = (some) => {
    pen.beginPath();
    for (const [from, to] of some) {
      pen.moveTo(at.get(from).x, at.get(from).y);
      pen.lineTo(at.get(to).x, at.get(to).y);
    }
    pen.stroke();
  };
  let chosen = [];
  const draw = (zoom, pan) => {
    const scale = many ? 1 : window.devicePixelRatio || 1;
    links.width = canvas.clientWidth * scale;
    links.height = canvas.clientHeight * scale;
    pen.setTransform(zoom * scale, 0, 0, zoom * scale, pan.x * scale, pan.y * scale);
    pen.lineWidth = many ? 1 / zoom : 0.7;
    pen.globalAlpha = many ? 0.13 : 0.35;
    pen.strokeStyle = colour("--quiet");
    for (const some of byThing.values()) lines(some);
    pen.lineWidth = 1.6;
    pen.globalAlpha = 0.9;
    pen.strokeStyle = colour("--link");
    lines(chosen);
  };
  const whole = () => {
    const [xs, ys] = [nodes.map((node) => node.x), nodes.map((node) => node.y)];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const zoom = Math.min((width - 2 * EDGE) / (right - left + 26), (height - 2 * EDGE) / (bottom - top + 26), 8);
    return { zoom, pan: { x: width / 2 - (zoom * (left + right)) / 2, y: height / 2 - (zoom * (top + bottom)) / 2 } };
  };
  // First a still picture, in place at once; then the library, which takes longer, under the same view.
  const view = whole();
  canvas.classList.add("drawn");
  draw(view.zoom, view.pan);
  pen.globalAlpha = 1;
  for (const { kind, x, y } of nodes) {
    const size = kind === "account" ? 7 : 26;
    pen.fillStyle = colours[kind === "account" ? 0 : 1];
    pen.fillRect(x - size / 2, y - size / 2, size, size);
  }
  performance.mark("graph painted");
  await new Promise((stood) => requestAnimationFrame(() => setTimeout(stood)));

  const style = [
    { selector: "node.account", style: { width: 7, height: 7, "background-color": colours[0] } },
    { selector: "node.thing", style: {
      width: 26, height: 26, shape: "round-rectangle", "background-color": colours[1], label: "data(number)",
      color: colour("--page"), "font-size": 13, "font-weight": "bold", "text-valign": "center", "text-halign": "center", "z-index": 9,
    } },
    { selector: ".beside, :selected", style: { "background-color": colour("--link") } },
    { selector: ":selected", style: { "border-width": 2, "border-color": colour("--ink") } },
  ];
  const graph = cytoscape({
    container: canvas,
    elements: { nodes: nodes.map(element) },
    layout: { name: "preset", fit: false },
    ...view,
    style,
    autoungrabify: true,
    boxSelectionEnabled: false,
    minZoom: 0.02,
    maxZoom: 8,
    textureOnViewport: many,
    pixelRatio: many ? 1 : "auto",
  });
  // While a large graph moves, its links are away, and come back when it stands.
  let standing;
  const redraw = () => draw(graph.zoom(), graph.pan());
  graph.on("viewport", () => {
    clearTimeout(standing);
    if (!many) return redraw();
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, links.width, links.height);
    standing = setTimeout(redraw, STANDS);
  });
  graph.on("resize", redraw);
  redraw();
  const say = (node) => {
    const data = node.data();
    reading.textContent = data.kind === "account"
      ? `Account ${data.label}: shares ${data.things} of the numbered things. Press Enter or click twice to open it.`
      : `${data.number}: ${data.kind}, ${data.label}; ${data.accounts} accounts, ${data.bits} bits.`;
  };
  if (leftOut) reading.textContent += ` ${leftOut} accounts that share least are left out.`;
  graph.on("tap", "node", ({ target }) => {
    chosen = edges.filter((edge) => edge.includes(target.id()));
    const beside = new Set(chosen.map(([account]) => account));
    graph.batch(() => {
      graph.nodes(".beside").removeClass("beside");
      graph.nodes().filter((node) => beside.has(node.id())).addClass("beside");
    });
    redraw();
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
  performance.mark("graph ready");
  canvas.dataset.nodes = String(nodes.length);
})();
