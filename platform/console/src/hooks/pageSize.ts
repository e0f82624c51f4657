/** Rows on one page of a list. */
export const ROWS_PER_PAGE = 50;

export const sliceOf = (page: number, limit = ROWS_PER_PAGE) => ({ offset: (page - 1) * limit, limit });
