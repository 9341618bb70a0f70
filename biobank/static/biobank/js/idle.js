// Covers the page after the idle time, so that nothing is read over a shoulder; what was typed stays underneath.
const lock = document.getElementById("idle-lock");
if (lock) {
  const limit = Number(lock.dataset.seconds) * 1000;
  let seenAt = Date.now();
  const seen = () => { if (!lock.open) seenAt = Date.now(); };
  for (const kind of ["keydown", "pointerdown", "scroll"]) document.addEventListener(kind, seen, { passive: true, capture: true });

  const close = () => {
    if (lock.open || Date.now() - seenAt < limit) return;
    document.body.classList.add("covered");
    lock.showModal();
  };
  setInterval(close, 5000);
  document.addEventListener("visibilitychange", close);
  lock.addEventListener("cancel", (event) => event.preventDefault());

  lock.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const fault = document.getElementById("idle-fault");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } });
      if (answer.status === 204) {
        form.reset();
        fault.textContent = "";
        seenAt = Date.now();
        document.body.classList.remove("covered");
        lock.close();
        return;
      }
      fault.textContent = answer.headers.get("X-Refusal") || "That did not work. Reload the page to sign in again.";
    } catch {
      fault.textContent = "The bank cannot be reached. Nothing you typed is lost; try again.";
    }
  });
}
