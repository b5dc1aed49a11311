/** Links to the page in other languages, which follow what scripts have put into its address. */

/** Takes the address of now into each link, with its language, as soon as the reader turns to it. */
export function followAddress(root: ParentNode): void {
  for (const link of root.querySelectorAll<HTMLAnchorElement>("header a[hreflang]")) {
    const follow = (): void => {
      if (link.pathname !== location.pathname) return; // an answer to a form, which has no address
      const address = new URL(location.href);
      address.searchParams.set("lang", link.hreflang);
      link.href = address.href;
    };
    for (const event of ["pointerenter", "focus", "click"]) link.addEventListener(event, follow);
  }
}
