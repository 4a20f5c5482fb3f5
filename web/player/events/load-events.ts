import "../../ui/zod-setup.ts";
import { analysisEventList } from "../../../server/protocol/analysis.ts";
import type { Mark } from "./marks.ts";

/** The events that an address knows; none where nobody looks for any, which is no fault. */
export async function loadEvents(address: string, signal: AbortSignal): Promise<readonly Mark[]> {
  try {
    const response = await fetch(address, { signal });
    if (!response.ok) return [];
    const parsed = analysisEventList.safeParse(await response.json());
    return parsed.success ? parsed.data.items : [];
  } catch {
    return [];
  }
}
