#include "sim/model/sun.h"

#include <math.h>

static const double degree = 3.14159265358979323846 / 180;

double sun_height(double latitude, double longitude, aest_us t) {
    aest_day day;
    aest_day_from_date(2000, 1, 1, &day);
    /* days since noon UTC of 2000-01-01 */
    double d = (double)(t - day * AEST_DAY) / (double)AEST_DAY - AEST_UTC_OFFSET_S / 86400.0 - 0.5;
    double anomaly = (357.529 + 0.98560028 * d) * degree;
    double mean_longitude = 280.459 + 0.98564736 * d;
    double ecliptic = (mean_longitude + 1.915 * sin(anomaly) + 0.020 * sin(2 * anomaly)) * degree;
    double obliquity = (23.439 - 0.00000036 * d) * degree;
    double declination = asin(sin(obliquity) * sin(ecliptic));
    double right_ascension = atan2(cos(obliquity) * sin(ecliptic), cos(ecliptic));
    double sidereal = (280.46061837 + 360.98564736629 * d + longitude) * degree;
    double hour_angle = sidereal - right_ascension;
    return sin(latitude * degree) * sin(declination) +
           cos(latitude * degree) * cos(declination) * cos(hour_angle);
}
