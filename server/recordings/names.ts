/** Ending of the folder of a recording that is deleted. */
export const GONE = ".gone";
/** Ending of the folder of a clip that is being made. */
export const UNFINISHED = ".part";
