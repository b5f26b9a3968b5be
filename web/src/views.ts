// The views in the order of the header, and of the keys 1 to 9. The first one comes with the page; each other is fetched
// when it is opened.

import type { ViewEntry } from './shell/view';
import * as today from './views/today';

export const VIEWS: readonly ViewEntry[] = [
  { id: 'today', title: 'Today', load: () => Promise.resolve(today) },
  { id: 'generation', title: 'Generation', load: () => import('./views/generation') },
  { id: 'prices', title: 'Prices', load: () => import('./views/prices') },
  { id: 'stations', title: 'Stations', load: () => import('./views/stations') },
  { id: 'transmission', title: 'Grid', load: () => import('./views/transmission') },
  { id: 'renewables', title: 'Renewables', load: () => import('./views/renewables') },
  { id: 'batteries', title: 'Batteries', load: () => import('./views/batteries') },
  { id: 'curtailment', title: 'Curtailment', load: () => import('./views/curtailment') },
  { id: 'forecasts', title: 'Forecasts', load: () => import('./views/forecasts') },
  { id: 'demand', title: 'Demand', load: () => import('./views/demand') },
  { id: 'evening', title: 'Evening', load: () => import('./views/evening') },
  { id: 'emissions', title: 'Emissions', load: () => import('./views/emissions') },
  { id: 'fcas', title: 'FCAS', load: () => import('./views/fcas') },
  { id: 'market', title: 'Market', load: () => import('./views/market') },
  { id: 'pivot', title: 'Pivot', load: () => import('./views/pivot') },
  { id: 'status', title: 'Status', load: () => import('./views/status') },
];
