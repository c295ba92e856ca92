// Tabs after the ARIA pattern "tabs with automatic activation": one tab stop, arrows move, the address follows.

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

export function createTabs(list, { addressOf, change }) {
  const tabs = list ? [...list.querySelectorAll("[role=tab]")] : [];

  tabs.forEach((tab, place) => {
    tab.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return; // open it elsewhere
      event.preventDefault();
      change({ tab: tab.dataset.tab });
    });
    tab.addEventListener("keydown", (event) => {
      const target = event.key === "Home" ? 0 : event.key === "End" ? tabs.length - 1 : place + STEPS[event.key];
      if (Number.isNaN(target)) return;
      event.preventDefault();
      const next = tabs[(target + tabs.length) % tabs.length];
      next.focus();
      change({ tab: next.dataset.tab });
    });
  });

  return {
    names: tabs.map((tab) => tab.dataset.tab),
    show(name) {
      for (const tab of tabs) {
        const isShown = tab.dataset.tab === name;
        tab.setAttribute("aria-selected", String(isShown));
        tab.tabIndex = isShown ? 0 : -1;
        tab.href = addressOf({ tab: tab.dataset.tab });
        document.getElementById(tab.getAttribute("aria-controls")).hidden = !isShown;
        if (isShown) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
    },
  };
}
