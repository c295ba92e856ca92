// Turns the query field into an editor with Datasette's CodeMirror. Without it the plain field works.

const field = document.querySelector("textarea#sql-editor");

if (field && window.CodeMirror) {
  const editor = window.CodeMirror.fromTextArea(field, { lineNumbers: true, lineWrapping: true, mode: "text/x-sql" });
  editor.setOption("extraKeys", { "Shift-Enter": () => field.form.requestSubmit(), Tab: false });
  editor.getInputField().setAttribute("aria-label", "SQL");
  const format = document.querySelector("#sql-format");
  if (format && window.sqlFormatter) {
    format.hidden = false;
    format.addEventListener("click", () => editor.setValue(window.sqlFormatter.format(editor.getValue())));
  }
}
