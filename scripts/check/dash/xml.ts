import { DOMParser } from "@xmldom/xmldom";
import { reasonOf } from "../rule.ts";

/** One element, without what a check has no use for. */
export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  readonly namespace: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** A text read as XML; never throws. */
export interface XmlDocument {
  /** Undefined where there is not even one element. */
  readonly root: XmlElement | undefined;
  readonly problems: readonly string[];
}

const ELEMENT_NODE = 1;

/** Reads any text as XML. */
export function readXml(text: string): XmlDocument {
  const problems: string[] = [];
  const note = (message: unknown) => problems.push(String(message).replace(/^\[xmldom \w+\]\s*|\n[\s\S]*$/g, ""));
  try {
    const parser = new DOMParser({ errorHandler: { warning: note, error: note, fatalError: note } });
    const element = parser.parseFromString(text, "text/xml")?.documentElement;
    return { root: element ? convert(element) : undefined, problems };
  } catch (error) {
    return { root: undefined, problems: [...problems, reasonOf(error)] };
  }
}

function convert(element: Element): XmlElement {
  const attributes = new Map<string, string>();
  for (let index = 0; index < element.attributes.length; index++) {
    const attribute = element.attributes.item(index);
    if (attribute !== null) attributes.set(attribute.name, attribute.value);
  }
  return {
    name: element.localName ?? element.nodeName,
    namespace: element.namespaceURI ?? "",
    attributes,
    children: childrenOf(element),
    text: element.textContent?.trim() ?? "",
  };
}

function childrenOf(element: Element): XmlElement[] {
  const children: XmlElement[] = [];
  for (let node = element.firstChild; node !== null; node = node.nextSibling) {
    if (isElement(node)) children.push(convert(node));
  }
  return children;
}

function isElement(node: Node): node is Element {
  return node.nodeType === ELEMENT_NODE;
}

/** The children of one name. */
export function childrenNamed({ children }: XmlElement, name: string): XmlElement[] {
  return children.filter((child) => child.name === name);
}
