// Passkeys: asks the server for options, lets the browser make or use a passkey, and sends back what it signed.
"use strict";

const form = document.getElementById("passkey");
const wrong = form.querySelector(".wrong");

async function post(address, fields) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams({ ...Object.fromEntries(new FormData(form)), ...fields }),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(`${said.error.what}: ${said.error.cure}`);
  return said;
}

async function proceed() {
  const { publicKey } = await post(form.dataset.options, {});
  const options = JSON.parse(publicKey);
  const credential = form.dataset.do === "create"
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  const { address } = await post(form.dataset.send, { answer: JSON.stringify(credential.toJSON()) });
  window.location.assign(address);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  wrong.hidden = true;
  proceed().catch((error) => {
    wrong.textContent = error.message;
    wrong.hidden = false;
  });
});
