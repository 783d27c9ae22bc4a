/** The name of the document's text inside its `Y.Doc`, for the page and for the backend. */
export const TEXT = 'content'
