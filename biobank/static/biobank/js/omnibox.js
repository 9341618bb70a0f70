// Ctrl+K or Cmd+K puts the cursor into the search box of the page.
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    const box = document.getElementById("omnibox");
    if (box) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  }
});
