// The address: "#prices?region=SA1&range=7d".

export interface Address {
  view: string;
  parameters: URLSearchParams;
}

export function readAddress(): Address {
  const [view = '', query = ''] = location.hash.slice(1).split('?');
  return { view, parameters: new URLSearchParams(query) };
}

export function writeAddress({ view, parameters }: Address): string {
  // Colons, commas and slashes mean nothing in a fragment; spelt out they would only hide the times.
  const text = parameters.toString().replace(/%3A/g, ':').replace(/%2C/g, ',').replace(/%2F/g, '/');
  return `#${view}${text && `?${text}`}`;
}
