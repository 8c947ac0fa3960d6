/** Open the dialog of that id once what it is about has been drawn. */
export const openDialog = (id) => setTimeout(() => document.getElementById(id).showModal());
