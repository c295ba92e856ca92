// When charts are drawn anew: at another width, and on paper.

const PAUSE_MS = 150;
const PAPER_WIDTH = 664; // pixels between the edges of a card on A4, with the margins that ddd.css gives a page

export function onWidthChange(place, act) {
  let width = place.clientWidth;
  let timer;
  new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (place.clientWidth && place.clientWidth !== width) {
        width = place.clientWidth;
        act();
      }
    }, PAUSE_MS);
  }).observe(place);
}

// On paper colours are the light ones, whatever the browser's scheme. redraw takes a width, or none for that of the
// window; what it does is over before the browser lays out its pages.
export function onPrint(redraw) {
  const root = document.documentElement.classList;
  addEventListener("beforeprint", () => {
    root.add("printing");
    redraw(PAPER_WIDTH);
  });
  addEventListener("afterprint", () => {
    root.remove("printing");
    redraw();
  });
}
