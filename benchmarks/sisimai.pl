# CPU seconds that p5-sisimai needs for a folder or mbox, once warm: sisimai.pl PATH
use strict;
use warnings;
use Sisimai;
use Time::HiRes qw(clock);

my $begin;
for ( 1 .. 2 ) {
    $begin = clock();
    Sisimai->make( $ARGV[0] );
}
printf "%.4f\n", clock() - $begin;
