// A page's own inputs, such as a number of tasks or a day: an entry that fits becomes part of the address.

import { isWithin } from "./state.js";

export function createInputs(definition, change) {
  const fields = definition.inputs.map((input) => {
    const field = document.getElementById(`input-${input.name}`);
    field.form.addEventListener("submit", (event) => event.preventDefault());
    field.addEventListener("change", () => {
      const isRight = isWithin(input, field.value);
      field.setCustomValidity(isRight ? "" : wish(input));
      if (isRight) change({ [input.name]: input.type === "integer" ? String(Number(field.value)) : field.value });
      else field.reportValidity();
    });
    return [input, field];
  });
  return {
    show(state) {
      for (const [input, field] of fields) {
        field.value = state[input.name];
        field.setCustomValidity("");
      }
    },
  };
}

function wish(input) {
  const kind = input.type === "date" ? "a day" : "a whole number";
  if (input.min !== null && input.max !== null) return `Enter ${kind} from ${input.min} to ${input.max}.`;
  return `Enter ${kind}${input.min !== null ? ` from ${input.min} on` : ""}${input.max !== null ? ` up to ${input.max}` : ""}.`;
}
