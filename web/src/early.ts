// A script of its own, which is there long before the page's: it sends the questions of the first view, if that is the one
// that the address names.

import { askEarly } from './data/asked';
import { META, mixQuestion, QUESTIONS } from './data/first';
import { REGIONS } from './market';
import { readAddress } from './shell/address';

const { view, parameters } = readAddress();
const region = REGIONS.find((each) => each === parameters.get('region')) ?? 'NEM';
if (view === '' || view === 'today') askEarly([META, ...Object.values(QUESTIONS), mixQuestion(region)]);
