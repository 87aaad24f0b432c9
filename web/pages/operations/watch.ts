/** How often what an operator watches is asked for again while the page is open; each time is in the log. */
export const watchMs = 30_000;
/** While something that was begun here is under way. */
export const workMs = 2_000;
