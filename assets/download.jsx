/** A link to a file; plain, for a router's own would look for a page. */
export const Download = ({ children, ...props }) => (
  <a download {...props}>
    {children}
  </a>
);
