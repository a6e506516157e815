// What the components are given by Python, and what their scripts keep at nodes of the page.

type Box = [x: number, y: number, width: number, height: number];
type ClassRow = [name: string, colour: string];
type ObjectRow = [id: number, index: number, crowd: number, area: number | null, box: Box | null, path: string];

interface DrawnObject {
  id: number;
  index: number; // of its class
  crowd: boolean;
  area: number | null; // px
  box: Box | null;
  path: string;
  name: string;
  colour: string;
  label?: number; // its value in the label map
}

interface DrawnImage {
  id: number;
  split: string;
  file: string;
  size: [width: number, height: number]; // px
  units: [width: number, height: number]; // of the drawing
  jpeg: string | null; // base64
  large?: string;
  objects: DrawnObject[];
}

interface LabelMap {
  size: [width: number, height: number]; // px
  values: Uint8Array;
}

interface LegendRow {
  label: number;
  name: string;
  colour: string;
  count: number; // px
}

interface Element {
  object?: DrawnObject | null; // drawn, listed or named by this node
  index?: number; // of the class of a chip, or of the image of a tile
}

interface HTMLButtonElement {
  label?: number | null; // the value of a chip
  layer: string; // of a switch
}
