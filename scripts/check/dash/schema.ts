import type { XmlElement } from "./xml.ts";

/** The namespace of the MPD (ISO/IEC 23009-1 §5.2). */
const MPD_NAMESPACE = "urn:mpeg:dash:schema:mpd:2011";

/** What the schema wants of an element: its children in their order, and the attributes it cannot do without. */
interface Shape {
  readonly children: readonly string[];
  readonly required?: readonly string[];
}

const BASE = [
  ...["FramePacking", "AudioChannelConfiguration", "ContentProtection", "OutputProtection", "EssentialProperty"],
  ...["SupplementalProperty", "InbandEventStream", "Switching", "RandomAccess", "GroupLabel", "Label"],
  ...["ProducerReferenceTime", "ContentPopularityRate", "Resync"],
];
const SEGMENTS = ["SegmentBase", "SegmentList", "SegmentTemplate"];

const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  [
    "MPD",
    {
      children: [
        ...["ProgramInformation", "BaseURL", "Location", "PatchLocation", "ServiceDescription", "InitializationSet"],
        ...["InitializationGroup", "InitializationPresentation", "ContentProtection", "Period", "Metrics"],
        ...["EssentialProperty", "SupplementalProperty", "UTCTiming", "LeapSecondInformation"],
      ],
      required: ["profiles", "minBufferTime"],
    },
  ],
  [
    "Period",
    {
      children: [
        ...["BaseURL", ...SEGMENTS, "AssetIdentifier", "EventStream", "ServiceDescription", "ContentProtection"],
        ...["AdaptationSet", "Subset", "SupplementalProperty", "EmptyAdaptationSet", "GroupLabel", "Preselection"],
      ],
    },
  ],
  [
    "AdaptationSet",
    {
      children: [
        ...[...BASE, "Accessibility", "Role", "Rating", "Viewpoint", "ContentComponent", "BaseURL"],
        ...[...SEGMENTS, "Representation"],
      ],
    },
  ],
  [
    "Representation",
    {
      children: [...BASE, "BaseURL", "ExtendedBandwidth", "SubRepresentation", ...SEGMENTS],
      required: ["id", "bandwidth"],
    },
  ],
  [
    "SegmentTemplate",
    { children: ["Initialization", "RepresentationIndex", "FailoverContent", "SegmentTimeline", "BitstreamSwitching"] },
  ],
  ["SegmentTimeline", { children: ["S"] }],
  ["S", { children: [], required: ["d"] }],
  ["ServiceDescription", { children: ["Scope", "Latency", "PlaybackRate", "OperatingQuality", "OperatingBandwidth"] }],
  ["ProducerReferenceTime", { children: ["UTCTiming"], required: ["id", "wallClockTime", "presentationTime"] }],
  ["UTCTiming", { children: [], required: ["schemeIdUri"] }],
]);

/** Where an MPD departs from the schema, as far as elements, their order and required attributes go. */
export function schemaProblems(root: XmlElement): string[] {
  const problems =
    root.name === "MPD" && root.namespace === MPD_NAMESPACE ? [] : [`the root is ${root.name} of "${root.namespace}"`];
  return [...problems, ...problemsOf(root)];
}

function problemsOf(element: XmlElement): string[] {
  const shape = SHAPES.get(element.name);
  if (shape === undefined || element.namespace !== MPD_NAMESPACE) return [];
  const missing = (shape.required ?? []).filter((name) => !element.attributes.has(name));
  return [
    ...missing.map((name) => `${element.name} without @${name}`),
    ...orderProblems(element, shape.children),
    ...element.children.flatMap(problemsOf),
  ];
}

function orderProblems({ name, children }: XmlElement, order: readonly string[]): string[] {
  const problems: string[] = [];
  let furthest = -1;
  for (const child of children) {
    // Elements of others may stand anywhere at the end.
    if (child.namespace !== MPD_NAMESPACE) continue;
    const place = order.indexOf(child.name);
    if (place === -1) problems.push(`${name} cannot hold ${child.name}`);
    else if (place < furthest) problems.push(`${child.name} stands after ${order[furthest]} in ${name}`);
    furthest = Math.max(furthest, place);
  }
  return problems;
}
