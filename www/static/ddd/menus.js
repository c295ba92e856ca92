// Closes Datasette's drop-down menus when something else is clicked or Escape is pressed.

const menus = () => document.querySelectorAll("details.nav-menu[open], details.actions-menu-links[open]");

document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of menus()) menu.open = false;
});
