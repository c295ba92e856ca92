// Datasette's table pages: column definitions fold away, cells know their column on narrow screens.

// Datasette's own table.js, which runs after this, asks whether facets may be offered.
window.DATASETTE_ALLOW_FACET = true;

const definitions = document.querySelector("dl.column-descriptions");
if (definitions) {
  const folded = document.createElement("details");
  folded.className = "columns";
  const summary = document.createElement("summary");
  summary.textContent = `What the ${definitions.querySelectorAll("dt").length} columns mean`;
  definitions.replaceWith(folded);
  folded.append(summary, definitions);
}

for (const table of document.querySelectorAll("table.rows-and-columns")) {
  const names = [...table.querySelectorAll("thead th")].map((cell) => cell.dataset.column ?? cell.textContent.trim());
  for (const row of table.tBodies[0]?.rows ?? []) {
    [...row.cells].forEach((cell, index) => {
      cell.dataset.label = names[index];
      if (names[index]?.endsWith("_phid")) cell.title = cell.textContent.trim();
    });
  }
  const frame = table.closest(".table-wrapper");
  frame?.setAttribute("tabindex", "0");
  frame?.setAttribute("role", "region");
  frame?.setAttribute("aria-label", "Rows");
}

// Datasette labels its filters only by where they stand.
for (const line of document.querySelectorAll(".filter-row")) {
  line.querySelector("[name^=_filter_column]")?.setAttribute("aria-label", "Column to filter by");
  line.querySelector("[name^=_filter_op]")?.setAttribute("aria-label", "How to compare");
  line.querySelector("[name^=_filter_value], input.filter-value")?.setAttribute("aria-label", "Value to compare with");
}
