/** Links to what is folded open it, in browsers that do not do so by themselves. */

/**
 * Opens each `details` around the target of the address, now and when a link leads to another.
 * https://html.spec.whatwg.org/multipage/browsing-the-web.html#scroll-to-the-fragment-identifier
 */
export function unfoldTargets(): void {
  addEventListener("hashchange", unfold);
  unfold();
}

function unfold(): void {
  const target = document.querySelector(":target");
  const closed: HTMLDetailsElement[] = [];
  for (let fold = target?.closest("details"); fold; fold = fold.parentElement?.closest("details")) {
    if (!fold.open) closed.push(fold);
  }
  for (const fold of closed) fold.open = true;
  if (closed.length) target?.scrollIntoView();
}
