// The keys that pictures answer to.
// Offers: ARROWS, isModified, taken. Put before the scripts that ask for it (views/components/assets.py).

/** Where an arrow key leads: rows down, columns across. */
const ARROWS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

/** Whether another key is held down that gives this one a meaning of the browser's. */
function isModified(event) {
  return event.ctrlKey || event.metaKey || event.altKey;
}

/** The picture has answered: the page neither scrolls nor answers as well. */
function taken(event) {
  event.preventDefault();
  event.stopPropagation();
}
